import { describe, expect, it } from 'vitest';
import { UnreadableEntryError, UnstorableValueError, type CacheEntry } from '../../src/index.js';
import { SerDeAccess } from '../../src/remote/index.js';
import { ManualClock } from '../../src/testing/index.js';

const entry: CacheEntry = { value: 1, created: 0, updateAfter: 1, expiresAfter: 2 };
const bytes = Uint8Array.of(1);
const never = new Promise<never>(() => {});

describe('SerDeAccess', () => {
  const clock = new ManualClock();
  const access = new SerDeAccess({ deadline: 200, clock });

  it('hands over what the SerDe makes, at once or later', async () => {
    expect(await access.pack('key', () => bytes)).toBe(bytes);
    expect(await access.pack('key', async () => bytes)).toBe(bytes);
    expect(await access.unpack('key', () => entry)).toBe(entry);
    expect(await access.unpack('key', async () => entry)).toBe(entry);
    expect(await access.unpack('key', () => undefined)).toBe(undefined);
  });

  it.each([
    ['throws', () => fail(new Error('no'))],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('makes an error of the storage of what it %s', async (_name, attempt) => {
    await expect(access.pack('key', attempt)).rejects.toMatchObject({
      code: 'UNSTORABLE_VALUE',
      message: 'The value for key "key" cannot be stored: no',
    });
    await expect(access.unpack('key', attempt)).rejects.toMatchObject({
      code: 'UNREADABLE_ENTRY',
      message: 'What is stored under key "key" cannot be read: no',
    });
  });

  it('leaves errors of the storage as they are', async () => {
    const [unstorable, unreadable] = [new UnstorableValueError('k', 'why'), new UnreadableEntryError('k', 'why')];
    await expect(access.pack('key', () => fail(unstorable))).rejects.toBe(unstorable);
    await expect(access.unpack('key', () => fail(unreadable))).rejects.toBe(unreadable);
  });

  it('shows what is no error', async () => {
    await expect(access.unpack('key', () => fail('text'))).rejects.toThrow('cannot be read: text');
  });

  it('waits no longer than the deadline', async () => {
    const packed = expect(access.pack('key', () => never)).rejects.toMatchObject({
      message:
        'The value for key "key" cannot be stored: The SerDe did not serialize within the 200 ms that the storage ' +
        "allows. Raise the storage's option 'deadline', choose a faster SerDe or encoding, or keep smaller values.",
    });
    const unpacked = expect(access.unpack('key', () => never)).rejects.toMatchObject({ code: 'UNREADABLE_ENTRY' });
    await clock.advance(200);
    await Promise.all([packed, unpacked]);
  });
});

function fail(thrown: unknown): never {
  throw thrown;
}
