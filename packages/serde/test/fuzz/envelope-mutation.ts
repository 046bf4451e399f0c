import { crc32 } from '../../src/envelope/crc-32.js';
import { envelopeLayout as at } from '../../src/index.js';
import { envelope, type Dialect } from './dialects.js';
import type { Dice } from './dice.js';
import { joined, mutated } from './mutation.js';

/**
 * An envelope that was damaged. Two of three are mended then, checksums only or lengths and checksums, so that what stands
 * behind them is reached.
 *
 * @param dialect - the format of the payload.
 * @param donors - other envelopes.
 */
export function mutatedEnvelope(
  data: Uint8Array,
  dice: Dice,
  dialect: Dialect,
  donors: readonly Uint8Array[],
): Uint8Array {
  switch (dice.below(3)) {
    case 0:
      return mutated(data, { dice, dialect: envelope, donors });
    case 1:
      return withRightChecksums(mutated(data, { dice, dialect: envelope, donors }));
    default: {
      const parts = partsOf(data);
      const part = dice.pick(Object.keys(parts) as (keyof Parts)[]);
      const payloads = { dice, dialect, donors: donors.map((donor) => partsOf(donor).payload) };
      const material = part === 'payload' ? payloads : { dice, dialect: envelope, donors };
      return withRightChecksums(assembled({ ...parts, [part]: mutated(parts[part], material) }));
    }
  }
}

interface Parts {
  readonly header: Uint8Array;
  readonly key: Uint8Array;
  readonly etag: Uint8Array;
  readonly format: Uint8Array;
  readonly generation: Uint8Array;
  readonly payload: Uint8Array;
}

function partsOf(data: Uint8Array): Parts {
  const view = viewOf(data);
  let end: number = at.headerLength;
  const next = (length: number): Uint8Array => data.subarray(end, (end += length));
  return {
    header: data.subarray(0, at.headerLength),
    key: next(view.getUint32(at.keyLength)),
    etag: next(view.getUint16(at.etagLength)),
    format: next(data[at.formatLength]!),
    generation: next(data[at.generationLength]!),
    payload: next(view.getUint32(at.payloadLength)),
  };
}

/** An envelope of these parts, its lengths those of the parts. */
function assembled({ header, key, etag, format, generation, payload }: Parts): Uint8Array {
  const whole = new Uint8Array(at.headerLength);
  whole.set(header.subarray(0, at.headerLength));
  const view = viewOf(whole);
  view.setUint32(at.keyLength, key.length);
  view.setUint16(at.etagLength, etag.length);
  whole[at.formatLength] = format.length;
  whole[at.generationLength] = generation.length;
  view.setUint32(at.payloadLength, payload.length);
  return joined(whole, key, etag, format, generation, payload);
}

function withRightChecksums(data: Uint8Array): Uint8Array {
  if (data.length < at.headerLength) return data;
  const mended = data.slice();
  const view = viewOf(mended);
  view.setUint32(at.momentsChecksum, crc32(mended, at.moments, at.momentsChecksum));
  const header = crc32(mended, at.started, at.checksum, crc32(mended, 0, at.lease));
  view.setUint32(at.checksum, crc32(mended, at.headerLength, mended.length, header));
  return mended;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
