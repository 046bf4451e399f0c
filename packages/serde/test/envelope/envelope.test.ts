import { crc32 } from '../../src/envelope/crc-32.js';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  envelopeLayout,
  leaseBlock,
  momentsBlock,
  open,
  readLease,
  readMoments,
  seal,
  UnreadableBytesError,
  type Frame,
} from '../../src/index.js';

const frame: Frame = {
  key: 'user:42',
  payload: new Uint8Array([1, 2, 3, 250]),
  format: 'json+gzip',
  failed: true,
  etag: 'rév',
  started: 999.5,
  created: 1_000,
  updateAfter: 2_000,
  expiresAfter: Infinity,
  keepUntil: 4_000.25,
  version: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
  generation: new Uint8Array([9, 8, 7]),
  lease: { holder: new Uint8Array(10).fill(7), time: 3_000, failures: 2, awaited: true, end: 5_000 },
};

const { lease: _lease, etag: _etag, generation: _generation, ...bare } = frame;

function thrownBy(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('seal and open', () => {
  it('give back every part', () => {
    expect(open(seal(frame))).toStrictEqual(frame);
    expect(open(seal({ ...bare, failed: false }))).toStrictEqual({ ...bare, failed: false });
  });

  it('tell an empty etag from none', () => {
    expect(open(seal({ ...bare, etag: '' })).etag).toBe('');
    expect('etag' in open(seal(bare))).toBe(false);
  });

  it('frame a lease without a value', () => {
    const { payload, ...rest } = frame;
    const placeholder: Frame = { ...rest, payload: payload.slice(0, 0), format: '', failed: false, placeholder: true };
    expect(open(seal(placeholder))).toStrictEqual(placeholder);
  });

  it('give back whatever text and bytes they get', () => {
    const text = fc.string({ unit: 'binary' });
    const moment = fc.oneof(fc.double({ noNaN: true }), fc.constant(Infinity));
    const frames = fc.record({
      key: text,
      etag: text,
      format: fc.string({ unit: 'binary', maxLength: 60 }),
      payload: fc.uint8Array(),
      failed: fc.boolean(),
      started: moment,
      created: moment,
      updateAfter: moment,
      expiresAfter: moment,
      keepUntil: moment,
      version: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    });
    fc.assert(
      fc.property(frames, (any) => {
        expect(open(seal(any))).toStrictEqual({ ...any });
      }),
    );
  });

  it('keep a byte order mark at the beginning of a key', () => {
    expect(open(seal({ ...frame, key: '\ufeffkey' })).key).toBe('\ufeffkey');
  });

  it('stand byte for byte where the layout says', () => {
    const data = seal({ ...frame, payload: new Uint8Array([0xee]), etag: 'e', format: 'f', key: 'k' });
    const hex = Buffer.from(data).toString('hex');
    const checksums = /^(.{104})(.{8})(.{72})(.{8})(.*)$/.exec(hex);
    expect([checksums?.[1], checksums?.[3], checksums?.[5]]).toStrictEqual([
      'a76d0107' +
        '07'.repeat(10) +
        '00000bb80201' +
        '40b3880000000000' +
        '409f400000000000' +
        '7ff0000000000000' +
        '40af408000000000',
      '408f3c0000000000' + '408f400000000000' + '0102030405060708' + '00000001' + '0001' + '01' + '03' + '00000001',
      '6b' + '65' + '66' + '090807' + 'ee',
    ]);
  });

  it('read bytes that lie in the middle of others', () => {
    const data = seal(frame);
    const around = new Uint8Array(data.length + 30).fill(1);
    around.set(data, 11);
    expect(open(around.subarray(11, 11 + data.length))).toStrictEqual(frame);
  });
});

describe('open', () => {
  it('notices every flipped bit outside of the lease', () => {
    const data = seal(frame);
    const missed: number[] = [];
    for (let bit = 0; bit < data.length * 8; bit++) {
      const byte = bit >> 3;
      data[byte]! ^= 1 << (bit & 7);
      const noticed = UnreadableBytesError.isInstance(thrownBy(() => open(data)));
      const inLease = byte >= envelopeLayout.lease && byte < envelopeLayout.lease + envelopeLayout.leaseLength;
      if (noticed === inLease) missed.push(bit);
      data[byte]! ^= 1 << (bit & 7);
    }
    expect(missed).toStrictEqual([]);
  });

  it('notices every missing and every additional byte', () => {
    const data = seal(frame);
    for (let length = 0; length < data.length; length++) {
      expect(UnreadableBytesError.isInstance(thrownBy(() => open(data.subarray(0, length))))).toBe(true);
    }
    const longer = new Uint8Array(data.length + 1);
    longer.set(data);
    expect(thrownBy(() => open(longer))).toBeInstanceOf(UnreadableBytesError);
  });

  it.each<[string, (data: Uint8Array) => Uint8Array, string, string]>([
    [
      'too short',
      (data) => data.subarray(0, 95),
      'length',
      'The bytes cannot be read as an envelope: there are 95 bytes, its header alone has 96.',
    ],
    [
      'not ours',
      (data) => data.fill(0, 0, 1),
      'foreign',
      'The bytes cannot be read as an envelope: they do not begin like one.',
    ],
    [
      'newer',
      (data) => data.fill(2, 2, 3),
      'newer',
      'The bytes cannot be read as an envelope: they are of format version 2, this version of memo reads 1.',
    ],
    [
      'cut',
      (data) => data.subarray(0, 117),
      'length',
      'The bytes cannot be read as an envelope: there are 117 bytes, its header says 123.',
    ],
    [
      'a damaged value',
      (data) => data.fill(0, 119),
      'damaged',
      'The bytes cannot be read as an envelope: their checksum is not the one that was written.',
    ],
    [
      'damaged moments',
      (data) => data.fill(1, 30, 31),
      'damaged',
      'The bytes cannot be read as an envelope: the checksum of the moments is not the one that was written.',
    ],
  ])('says what is wrong: %s', (_name, damage, reason, message) => {
    const error = thrownBy(() => open(damage(seal(frame))));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect(error).toMatchObject({ reason, message, code: 'UNREADABLE_BYTES' });
  });
});

describe('an envelope that somebody made with right checksums', () => {
  const withNaN = (offset: number): Uint8Array => {
    const data = seal(frame);
    const view = new DataView(data.buffer);
    view.setFloat64(offset, NaN);
    view.setUint32(envelopeLayout.momentsChecksum, crc32(data, envelopeLayout.moments, envelopeLayout.momentsChecksum));
    const header = crc32(data, envelopeLayout.started, envelopeLayout.checksum, crc32(data, 0, envelopeLayout.lease));
    view.setUint32(envelopeLayout.checksum, crc32(data, envelopeLayout.headerLength, data.length, header));
    return data;
  };

  it.each(['updateAfter', 'expiresAfter', 'keepUntil', 'started', 'created', 'leaseEnd'] as const)(
    'has a moment for %s, or is not read',
    (name) => {
      const data = withNaN(envelopeLayout[name]);
      const message = `The bytes cannot be read as an envelope: there is no moment at byte ${envelopeLayout[name]}.`;
      expect(thrownBy(() => open(data))).toMatchObject({ reason: 'damaged', message });
      if (name === 'leaseEnd') expect(() => readLease(data)).toThrow(message);
      if (['updateAfter', 'expiresAfter', 'keepUntil'].includes(name)) expect(() => readMoments(data)).toThrow(message);
    },
  );
});

describe('seal', () => {
  it.each<[string, Partial<Frame>, string]>([
    ['NaN', { keepUntil: NaN }, `seal: option 'keepUntil' should be a moment in epoch milliseconds, got NaN.`],
    ['a version', { version: new Uint8Array(7) }, `seal: option 'version' should be 8 bytes, got 7.`],
    [
      'a holder',
      { lease: { ...frame.lease!, holder: new Uint8Array(3) } },
      `seal: option 'lease.holder' should be 10 bytes, got 3.`,
    ],
    [
      'a long generation',
      { generation: new Uint8Array(256) },
      `seal: option 'generation' should be at most 255 bytes, got 256.`,
    ],
    [
      'a lone surrogate',
      { key: 'a\ud800' },
      'The envelope cannot keep the key: text with a lone surrogate has no UTF-8. ' +
        'Keep text well-formed (String.prototype.toWellFormed) or as bytes.',
    ],
    [
      'a long etag',
      { etag: 'e'.repeat(65_536) },
      'The envelope cannot keep the etag: it has 65536 bytes. At most 65535 are allowed.',
    ],
    [
      'a long format',
      { format: 'f'.repeat(256) },
      'The envelope cannot keep the name of the format: it has 256 bytes. At most 255 are allowed.',
    ],
  ])('refuses %s', (_name, part, message) => {
    expect(() => seal({ ...frame, ...part })).toThrow(expect.objectContaining({ message }));
  });
});

describe('the blocks that a storage rewrites in place', () => {
  const header = () => seal(frame).subarray(0, envelopeLayout.headerLength);

  it('are read from the header alone', () => {
    expect(readMoments(header())).toStrictEqual({ updateAfter: 2_000, expiresAfter: Infinity, keepUntil: 4_000.25 });
    expect(readLease(header())).toStrictEqual(frame.lease);
  });

  it('replace the moments and leave the rest readable', () => {
    const data = seal(frame);
    const moments = { updateAfter: 7_000, expiresAfter: 8_000, keepUntil: Infinity };
    data.set(momentsBlock(moments), envelopeLayout.moments);
    expect(open(data)).toStrictEqual({ ...frame, ...moments });
  });

  it('replace the lease and leave the rest readable', () => {
    const data = seal(frame);
    data.set(leaseBlock(undefined), envelopeLayout.lease);
    expect('lease' in open(data)).toBe(false);
    const lease = { holder: new Uint8Array(10), time: 0, failures: 255, awaited: false, end: 1 };
    data.set(leaseBlock(lease), envelopeLayout.lease);
    expect(open(data).lease).toStrictEqual(lease);
  });

  it('refuse less than a header', () => {
    expect(() => readMoments(header().subarray(0, 95))).toThrow(UnreadableBytesError);
    expect(() => readLease(new Uint8Array(96))).toThrow(UnreadableBytesError);
  });
});
