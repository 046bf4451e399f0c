import type { CacheEntry, SerDe } from '@memo/core';
import { Packr } from 'msgpackr';
import { builtinModule } from './builtin-module.js';
import { requireBytes } from './bytes.js';
import { UnfaithfulValueError, UnreadableBytesError } from './errors.js';
import type { StructuredLimits } from './inspection/structured-inspection.js';
import { notPlain, plainMsgpack } from './plain-msgpack.js';
import { entryOfStructuredRecord, structuredRecordOf } from './structured-record.js';
import { requireReadable } from './verification/memory-budget.js';
import { verifyMsgpack } from './verification/msgpack-verification.js';

const call = 'MsgpackSerDe';
const subject = 'a MessagePack entry';

const limits: StructuredLimits = {
  call,
  everyPrimitive: false,
  // Both have a meaning of their own inside msgpackr.
  lostNames: ['__proto__', '__keys__'],
  advice: 'Cache plain data, or hand the value over in another form.',
};

const buffer = builtinModule('node:buffer')?.Buffer;

/**
 * A SerDe that writes MessagePack, with msgpackr's extensions: compact, quick, the same on every runtime, and the
 * storages' default. Beside what JSON has it keeps Map, Set, Date, RegExp, bigint, undefined, NaN, typed arrays, Buffer,
 * errors of the language's own classes, what is contained twice or contains itself, and objects without a prototype.
 *
 * What would come back changed is refused with `UnfaithfulValueError`: functions, symbols, instances of classes, -0, text
 * with lone surrogates or a byte order mark at its beginning, holes in arrays, properties `__proto__` and `__keys__`.
 * Typed arrays come back with memory of their own. An error as a remembered failure may be of any class; it comes back
 * with its name, message, stack, `code` and cause.
 */
export class MsgpackSerDe implements SerDe {
  readonly format = 'msgpack';
  #packr = newPackr();

  /** @throws UnfaithfulValueError */
  serialize(entry: CacheEntry): Uint8Array {
    const record = structuredRecordOf(entry, limits);
    const data = this.#write(record);
    // Errors are put together from parts when they are read, which only reading can prove.
    const verify = record.errors === undefined ? verifyMsgpack : this.deserialize.bind(this);
    requireReadable(call, data, (written) => verify(written, subject));
    return data;
  }

  #write(record: object): Uint8Array {
    try {
      // A copy: what msgpackr returns is part of a larger piece of memory that it goes on using.
      return new Uint8Array(this.#packr.pack(record));
    } catch (cause) {
      this.#packr = newPackr();
      throw new UnfaithfulValueError(call, 'value', 'MessagePack cannot say it', limits.advice, { cause });
    }
  }

  /** @throws UnreadableBytesError */
  deserialize(data: Uint8Array): CacheEntry {
    return entryOfStructuredRecord(this.#read(requireBytes(data, subject)), subject);
  }

  #read(data: Uint8Array): unknown {
    const plain = plainMsgpack(data);
    if (plain !== notPlain) return plain;
    verifyMsgpack(data, subject);
    try {
      return this.#packr.unpack(viewOf(data));
    } catch (cause) {
      throw new UnreadableBytesError(subject, 'damaged', 'msgpackr cannot decode them', { cause });
    }
  }
}

function newPackr(): Packr {
  return new Packr({ structuredClone: true, moreTypes: true, useToJSON: false, copyBuffers: true });
}

/** A view of its own, for msgpackr leaves a mark on what it reads; a `Buffer` where there are any, so that they come back. */
function viewOf({ buffer: memory, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return buffer === undefined
    ? new Uint8Array(memory, byteOffset, byteLength)
    : buffer.from(memory as ArrayBuffer, byteOffset, byteLength);
}
