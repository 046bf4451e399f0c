import type { CacheEntry, SerDe } from '@memo/core';
import type * as v8 from 'node:v8';
import { builtinModule } from './builtin-module.js';
import { plainView, requireBytes } from './bytes.js';
import { UnavailableSerDeError, UnfaithfulValueError, UnreadableBytesError } from './errors.js';
import type { StructuredLimits } from './inspection/structured-inspection.js';
import { entryOfStructuredRecord, structuredRecordOf } from './structured-record.js';
import { requireReadable } from './verification/memory-budget.js';
import { verifyV8 } from './verification/v8-verification.js';

const call = 'PickleSerDe';
const subject = 'a V8 entry';

const limits: StructuredLimits = {
  call,
  everyPrimitive: true,
  lostNames: [],
  advice: 'Cache plain data, or hand the value over in another form.',
};

/**
 * A SerDe that writes V8's structured clone, as `node:v8` has it (py-memoize M111 pickles). It exists for values that
 * `MsgpackSerDe` refuses: -0 and texts that are not well-formed. Everything else speaks for the other SerDes: only V8 has
 * the format, an older Node does not read what a newer one writes, and Node 22 does not read errors with a cause that
 * Node 20 wrote.
 */
export class PickleSerDe implements SerDe {
  readonly format = 'v8';
  readonly #v8: typeof v8;

  /** @throws UnavailableSerDeError - where there is no `node:v8`, or it is not V8's. */
  constructor() {
    const found = builtinModule('node:v8');
    // Other engines have a module of this name with a format of their own; V8's begins with 0xff.
    if (found?.serialize(null)[0] !== 0xff) {
      throw new UnavailableSerDeError(
        call,
        "node:v8 with V8's structured clone",
        'Use MsgpackSerDe, which runs anywhere.',
      );
    }
    this.#v8 = found;
  }

  /** @throws UnfaithfulValueError */
  serialize(entry: CacheEntry): Uint8Array {
    const record = structuredRecordOf(entry, limits);
    const data = this.#write(record);
    // Errors are put together from parts when they are read, which only reading can prove.
    const verify = record.errors === undefined ? verifyV8 : this.deserialize.bind(this);
    requireReadable(call, data, (written) => verify(written, subject));
    return data;
  }

  #write(record: object): Uint8Array {
    try {
      return plainView(this.#v8.serialize(record));
    } catch (cause) {
      throw new UnfaithfulValueError(call, 'value', "V8's structured clone cannot say it", limits.advice, { cause });
    }
  }

  /** @throws UnreadableBytesError */
  deserialize(data: Uint8Array): CacheEntry {
    return entryOfStructuredRecord(this.#read(requireBytes(data, subject)), subject);
  }

  #read(data: Uint8Array): unknown {
    verifyV8(data, subject);
    try {
      const reader = new this.#v8.DefaultDeserializer(plainView(data)) as Reader;
      const readView = reader._readHostObject.bind(reader);
      reader._readHostObject = () => withOwnMemory(readView());
      reader.readHeader();
      return reader.readValue();
    } catch (cause) {
      throw new UnreadableBytesError(subject, 'damaged', 'V8 cannot decode them', { cause });
    }
  }
}

/** Its method that reads typed arrays, as views of the bytes that are read; Node documents it with `Deserializer`. */
interface Reader extends v8.DefaultDeserializer {
  _readHostObject(): ArrayBufferView;
}

function withOwnMemory(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  if (view instanceof DataView) return new DataView(buffer.slice(byteOffset, byteOffset + byteLength));
  // Of the class of `view`, whatever kind of typed array or Buffer it is; Buffer's own method would not copy.
  return Uint8Array.prototype.slice.call(view);
}
