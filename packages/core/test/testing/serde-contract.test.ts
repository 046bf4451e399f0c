import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { Awaitable, SerDe } from '../../src/serde.js';
import { serdeContract } from '../../src/testing/index.js';
import { proveContract, type Wrong } from './prove-contract.js';

type SerDeClass = new () => SerDe;

const headerLength = 8;
const mark = 0x6d_65_6d_6f;

/** A right SerDe: V8's format behind a header with its length, so that a cut shows. */
class Reference implements SerDe {
  readonly format: string = 'reference';

  serialize(entry: CacheEntry): Awaitable<Uint8Array> {
    const content = this.encode(entry);
    const data = new Uint8Array(headerLength + content.length);
    const header = new DataView(data.buffer);
    header.setUint32(0, mark);
    header.setUint32(4, content.length);
    data.set(content, headerLength);
    return data;
  }

  deserialize(data: Uint8Array): Awaitable<CacheEntry> {
    const header = new DataView(data.buffer, data.byteOffset, data.length);
    if (header.getUint32(0) !== mark) throw new Error('these bytes are of another format');
    if (header.getUint32(4) !== data.length - headerLength) throw new Error('these bytes were cut');
    return deserialize(data.slice(headerLength)) as CacheEntry;
  }

  protected encode(entry: CacheEntry): Uint8Array {
    const content = serialize(entry);
    if (!isDeepStrictEqual(deserialize(content), { ...entry })) throw new Error('the value would change');
    return content;
  }
}

/** A SerDe that writes something else than it was given. */
function changing(change: (entry: CacheEntry) => CacheEntry): SerDeClass {
  return class extends Reference {
    override serialize(entry: CacheEntry): Awaitable<Uint8Array> {
      return super.serialize(change(entry));
    }
  };
}

let made = 0;

const wrong: Readonly<Record<string, Wrong<SerDeClass>>> = {
  values: ['takes undefined for null', changing((entry) => ({ ...entry, value: entry.value ?? null }))],
  'values-beyond': [
    'writes whatever V8 makes of a value',
    class extends Reference {
      override encode(entry: CacheEntry): Uint8Array {
        return serialize(entry);
      }
    },
  ],
  parts: ['takes an empty etag for none', changing(({ etag, ...others }) => (etag ? { ...others, etag } : others))],
  failures: [
    'keeps nothing but the message of a failure',
    changing((entry) => (entry.failed ? { ...entry, value: String(entry.value) } : entry)),
  ],
  large: [
    'cuts text after a million characters',
    changing((entry) => ({
      ...entry,
      value: typeof entry.value === 'string' ? entry.value.slice(0, 1_000_000) : entry.value,
    })),
  ],
  another: [
    'keeps the names of properties to itself',
    class extends Reference {
      readonly shapes: string[][] = [];
      override serialize(entry: CacheEntry): Awaitable<Uint8Array> {
        this.shapes.push(Object.keys(entry.value as object));
        return super.serialize({ ...entry, value: [this.shapes.length - 1, Object.values(entry.value as object)] });
      }
      override async deserialize(data: Uint8Array): Promise<CacheEntry> {
        const entry = await super.deserialize(data);
        const [shape, values] = entry.value as [number, unknown[]];
        return { ...entry, value: Object.fromEntries(this.shapes[shape]!.map((name, index) => [name, values[index]])) };
      }
    },
  ],
  bytes: [
    'writes into the same memory again and again',
    class extends Reference {
      readonly memory = new Uint8Array(10_000);
      override async serialize(entry: CacheEntry): Promise<Uint8Array> {
        const data = await super.serialize(entry);
        this.memory.set(data);
        return this.memory.subarray(0, data.length);
      }
    },
  ],
  'entry-untouched': [
    'sorts what it is given',
    class extends Reference {
      override serialize(entry: CacheEntry): Awaitable<Uint8Array> {
        const { list } = entry.value as { list: number[] };
        list.sort((a, b) => b - a);
        return super.serialize(entry);
      }
    },
  ],
  'data-untouched': [
    'reads a stream and leaves zeros behind',
    class extends Reference {
      override async deserialize(data: Uint8Array): Promise<CacheEntry> {
        const entry = await super.deserialize(data);
        data.fill(0);
        return entry;
      }
    },
  ],
  'data-not-kept': [
    'reads the value only when it is asked for',
    class extends Reference {
      override async deserialize(data: Uint8Array): Promise<CacheEntry> {
        const content = data.subarray(headerLength);
        const { value: _, ...others } = await super.deserialize(data);
        return Object.defineProperty({ ...others, value: undefined }, 'value', {
          get: () => (deserialize(content) as CacheEntry).value,
        });
      }
    },
  ],
  'data-inside': [
    'reads from the beginning of the memory',
    class extends Reference {
      override deserialize(data: Uint8Array): Awaitable<CacheEntry> {
        return super.deserialize(new Uint8Array(data.buffer));
      }
    },
  ],
  garbage: [
    'takes nothing for an entry without a value',
    class extends Reference {
      override deserialize(data: Uint8Array): Awaitable<CacheEntry> {
        if (data.length === 0) return { value: undefined, created: 0, updateAfter: 0, expiresAfter: 0 };
        return super.deserialize(data);
      }
    },
  ],
  truncated: [
    'makes do with the header where the rest is missing',
    class extends Reference {
      override async deserialize(data: Uint8Array): Promise<CacheEntry> {
        const content = data.slice(headerLength);
        if (data.length < headerLength || new DataView(data.buffer, data.byteOffset).getUint32(0) !== mark) {
          throw new Error('these bytes are of another format');
        }
        if (content.length === 0) return { value: undefined, created: 0, updateAfter: 0, expiresAfter: 0 };
        return deserialize(content) as CacheEntry;
      }
    },
  ],
  concurrent: [
    'keeps what it is writing in one place',
    class extends Reference {
      entry: CacheEntry | undefined;
      override async serialize(entry: CacheEntry): Promise<Uint8Array> {
        this.entry = entry;
        await Promise.resolve();
        return super.serialize(this.entry);
      }
    },
  ],
  format: [
    'names each of its instances otherwise',
    class extends Reference {
      override readonly format = `format ${++made}`;
    },
  ],
};

proveContract(
  'serdeContract',
  (runner, Implementation: SerDeClass) => serdeContract(runner, () => new Implementation()),
  [Reference],
  wrong,
);
