import type { CacheEntry } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { UnreadableBytesError } from '../../src/index.js';
import { campaign } from './campaign.js';
import type { Combination } from './combinations.js';

const original: CacheEntry = { value: 'as it was', created: 1, updateAfter: 2, expiresAfter: 3 };
const written = new Uint8Array([0]);

/** Reads the one payload that is right; with all others it does what `read` does. */
function combinationThat(read: (bytes: Uint8Array) => unknown): Combination {
  return {
    name: 'wrong',
    originals: [{ bytes: written, original }],
    mutation: ({ index }) => ({ bytes: new Uint8Array([index + 1]), original }),
    read: (bytes) => (bytes[0] === 0 ? original : (read(bytes) as CacheEntry)),
  };
}

async function findingsIn(combination: Combination): Promise<readonly string[]> {
  const { findings } = await campaign(combination, { seed: 1, count: 1 });
  return findings.map(({ wrong }) => wrong);
}

const entryWith = (parts: object): object => ({ ...original, ...parts });

describe('a campaign', () => {
  it('counts what is refused, read, and read as it was', async () => {
    const answers = [
      () => {
        throw new UnreadableBytesError('an entry', 'damaged', 'they are');
      },
      () => entryWith({ value: 'something else' }),
      () => entryWith({}),
      async () => entryWith({ value: 5 }),
    ];
    const outcome = await campaign(
      combinationThat((bytes) => answers[(bytes[0]! - 1) % 4]!()),
      { seed: 1, count: 40 },
    );
    expect(outcome).toMatchObject({ mutations: 40, refused: 10, read: 20, unchanged: 10, findings: [] });
  });

  it.each<[string, () => unknown, string]>([
    [
      'another error',
      () => {
        throw new TypeError('oh');
      },
      'threw TypeError: oh',
    ],
    ['a rejection with another error', () => Promise.reject(new RangeError('oh')), 'threw RangeError: oh'],
    [
      'a flood of a message',
      () => {
        throw new UnreadableBytesError('an entry', 'damaged', 'x'.repeat(2_000));
      },
      'a message of 2039 characters',
    ],
    ['no entry', () => 5, 'an entry that is no object'],
    ['a moment that is none', () => entryWith({ expiresAfter: NaN }), 'expiresAfter NaN'],
    ['an etag that is none', () => entryWith({ etag: 5 }), 'etag 5'],
    ['a mark that is none', () => entryWith({ failed: false }), 'failed false'],
    ['another property', () => entryWith({ polluted: true }), 'an entry with polluted'],
    ['a function', () => entryWith({ value: [new Map([[1, () => 5]])] }), 'a function'],
    ['an accessor', () => entryWith({ value: Object.defineProperty({}, 'a', { get: () => 5 }) }), 'a function'],
    [
      'an array without its prototype',
      () => entryWith({ value: Object.setPrototypeOf([], null) as unknown }),
      'an object of an unexpected prototype: [object Array]',
    ],
    [
      'an object with a prototype of its own',
      () => entryWith({ value: Object.create({ admin: true }) as unknown }),
      'an object of an unexpected prototype: [object Object]',
    ],
    [
      'a pretender',
      () => entryWith({ value: Object.create(Map.prototype) as unknown }),
      'an object of an unexpected prototype: [object Map]',
    ],
    [
      'a boxed value',
      () => entryWith({ value: Object('text') as unknown }),
      'an object of an unexpected prototype: text',
    ],
  ])('finds %s', async (_name, read, wrong) => {
    expect(await findingsIn(combinationThat(read))).toStrictEqual([wrong]);
  });

  it('finds that the bytes were changed', async () => {
    expect(await findingsIn(combinationThat((bytes) => ((bytes[0] = 9), original)))).toStrictEqual([
      'changed the bytes that it read',
    ]);
  });

  it('finds what is then common to all objects', async () => {
    const prototype = Object.prototype as { polluted?: boolean };
    const pollute = (): object => {
      prototype.polluted = true;
      return original;
    };
    const findings = await findingsIn(combinationThat(pollute));
    delete prototype.polluted;
    expect(findings).toContain('a property of all objects');
    expect(findings).toContain('within the 250 mutations up to this one: [object Object] has got polluted');
  });

  it('finds another method of all arrays, and another prototype', async () => {
    const { at } = Array.prototype;
    const replace = (): object => {
      Array.prototype.at = () => undefined;
      return original;
    };
    expect(await findingsIn(combinationThat(replace))).toContainEqual(expect.stringMatching(/Array\] has another at$/));
    Array.prototype.at = at;
    const rebase = (): object => {
      Object.setPrototypeOf(Set.prototype, { polluted: true });
      return original;
    };
    const findings = await findingsIn(combinationThat(rebase));
    Object.setPrototypeOf(Set.prototype, Object.prototype);
    expect(findings).toContainEqual(expect.stringMatching(/another prototype of \[object Set\]$/));
  });

  it('finds that what was written right is spoiled', async () => {
    let isSpoiled = false;
    const combination = combinationThat(() => ((isSpoiled = true), original));
    const spoiled: Combination = {
      ...combination,
      read: (bytes) => (bytes[0] === 0 && isSpoiled ? { ...original, value: 'spoiled' } : combination.read(bytes)),
    };
    expect(await findingsIn(spoiled)).toStrictEqual([
      'within the 250 mutations up to this one: original 0 reads differently at entry.value',
    ]);
  });

  it('finds what takes too long, and too much', { timeout: 30_000 }, async () => {
    const slow = (): object => {
      const end = performance.now() + 2_100;
      while (performance.now() < end);
      return original;
    };
    expect(await findingsIn(combinationThat(slow))).toContainEqual(expect.stringMatching(/^took 2\d\d\d ms$/));
    let isFirst = true;
    const slowOnce = (): object => (isFirst ? ((isFirst = false), slow()) : original);
    expect(await findingsIn(combinationThat(slowOnce))).toStrictEqual([]);
    const held: unknown[] = [];
    const greedy = (): object => {
      held.push(new Array<number>(9_000_000).fill(1.5));
      return original;
    };
    expect(await findingsIn(combinationThat(greedy))).toContainEqual(
      expect.stringMatching(/^took \d+ bytes of memory$/),
    );
  });
});
