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
    expect(access.entryIn('key', 1, () => entry)).toBe(entry);
    expect(access.entryIn('key', 1, () => undefined)).toBe(undefined);
    expect(await access.entryIn('key', 1, async () => entry)).toBe(entry);
  });

  it('waits with what is more than one turn of the event loop may decode', async () => {
    const sizes = [200_000, 10, 200_000, 10];
    const read: string[] = [];
    const reading = sizes.map(async (bytes, index) => {
      await access.entryIn('key', bytes, () => {
        read.push(`${index}`);
        return entry;
      });
    });
    expect(read).toStrictEqual(['0']);
    const failing = expect(access.entryIn('key', 1, () => fail(new Error('no')))).rejects.toThrow('cannot be read: no');
    setImmediate(() => read.push('turn'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toStrictEqual(['0', '1', '2', 'turn']);
    await Promise.all([...reading, failing]);
    expect(read).toStrictEqual(['0', '1', '2', 'turn', '3']);
  });

  it('tells those who go through many entries when each has its turn', async () => {
    const read: string[] = [];
    const readAll = async (): Promise<void> => {
      for (const [index, bytes] of [100_000, 100_000, 60_000, 60_000, 60_000].entries()) {
        const turn = access.turnFor(bytes);
        if (turn !== undefined) await turn;
        expect(access.entryNow('key', () => entry)).toBe(entry);
        read.push(`${index}`);
      }
    };
    const reading = readAll();
    expect(read).toStrictEqual(['0', '1']);
    await Promise.resolve();
    expect(read).toStrictEqual(['0', '1']);
    await new Promise((resolve) => setImmediate(resolve));
    // What is left of the turn: the third and the fourth use it up, and the fifth began before that.
    expect(read).toStrictEqual(['0', '1', '2', '3', '4']);
    await reading;
  });

  it.each([
    ['throws', () => fail(new Error('no'))],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('makes an error of the storage of what it %s', async (_name, attempt) => {
    await expect(access.pack('key', attempt)).rejects.toMatchObject({
      code: 'UNSTORABLE_VALUE',
      message: 'The value for key "key" cannot be stored: no',
    });
    const unreadable = {
      code: 'UNREADABLE_ENTRY',
      message: 'What is stored under key "key" cannot be read: no',
    };
    await expect(access.unpack('key', attempt)).rejects.toMatchObject(unreadable);
    await expect((async () => access.entryIn('key', 1, attempt))()).rejects.toMatchObject(unreadable);
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
    const entryIn = expect(access.entryIn('key', 1, () => never)).rejects.toMatchObject({ code: 'UNREADABLE_ENTRY' });
    await clock.advance(200);
    await Promise.all([packed, unpacked, entryIn]);
  });
});

function fail(thrown: unknown): never {
  throw thrown;
}
