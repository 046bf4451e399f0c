import { constants, deflateSync, inflateSync } from 'node:zlib';
import { codecContract, type CodecLike } from '../../src/testing/index.js';
import { proveContract, type Wrong } from './prove-contract.js';

type CodecClass = new () => CodecLike;

class Deflate implements CodecLike {
  /** zlib begins with 0x78. */
  readonly unusedFirstByte?: number = 0x00;

  encode(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return new Uint8Array(deflateSync(data));
  }

  decode(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return new Uint8Array(inflateSync(data));
  }
}

/** A codec whose text may be cut at any pair of digits. */
class Hexadecimal implements CodecLike {
  encode(data: Uint8Array): Uint8Array {
    return new TextEncoder().encode(Buffer.from(data).toString('hex'));
  }

  decode(data: Uint8Array): Uint8Array {
    const text = new TextDecoder().decode(data);
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error('these are no hexadecimal digits');
    return new Uint8Array(Buffer.from(text, 'hex'));
  }
}

const wrong: Readonly<Record<string, Wrong<CodecClass>>> = {
  'round-trip': [
    'takes zeros at the end for padding',
    class extends Deflate {
      override async decode(data: Uint8Array): Promise<Uint8Array> {
        const decoded = await super.decode(data);
        return decoded.slice(0, decoded.findLastIndex((byte) => byte !== 0) + 1);
      }
    },
  ],
  large: [
    'stops after a million bytes',
    class extends Deflate {
      override async decode(data: Uint8Array): Promise<Uint8Array> {
        return (await super.decode(data)).slice(0, 1_000_000);
      }
    },
  ],
  bytes: [
    'encodes into the same memory again and again',
    class extends Deflate {
      readonly memory = new Uint8Array(10_000);
      override async encode(data: Uint8Array): Promise<Uint8Array> {
        const encoded = await super.encode(data);
        this.memory.set(encoded);
        return this.memory.subarray(0, encoded.length);
      }
    },
  ],
  untouched: [
    'works on the bytes it is given',
    class extends Deflate {
      override encode(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
        return super.encode(data.reverse());
      }
    },
  ],
  inside: [
    'takes the whole memory for its bytes',
    class extends Deflate {
      override encode(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
        return super.encode(new Uint8Array(data.buffer));
      }
    },
  ],
  garbage: [
    'hands over what it cannot decode',
    class extends Deflate {
      override decode(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
        try {
          return super.decode(data);
        } catch {
          return data;
        }
      }
    },
  ],
  truncated: [
    'decodes as much as is there',
    class extends Deflate {
      override decode(data: Uint8Array): Uint8Array {
        return new Uint8Array(inflateSync(data, { finishFlush: constants.Z_SYNC_FLUSH }));
      }
    },
  ],
  'unused-first-byte': [
    'uses the byte that it calls unused',
    class extends Deflate {
      override readonly unusedFirstByte = 0x78;
    },
  ],
  concurrent: [
    'keeps what it is encoding in one place',
    class extends Deflate {
      data: Uint8Array | undefined;
      override async encode(data: Uint8Array): Promise<Uint8Array> {
        this.data = data;
        await Promise.resolve();
        return super.encode(this.data);
      }
    },
  ],
};

proveContract<CodecClass>(
  'codecContract',
  (runner, Implementation: CodecClass) =>
    codecContract(runner, () => new Implementation(), Implementation === Hexadecimal ? { prefixesAreValid: true } : {}),
  [Deflate, Hexadecimal],
  wrong,
);
