import type { CacheEntry } from '@memo/core';

const moments = { created: 1_700_000_000_000, updateAfter: 1_700_000_060_000.5, expiresAfter: Infinity };

const plain = {
  id: 7,
  list: [1, 'two', null, { three: [true, 0.5, -1, 2 ** 40] }, [], {}],
  text: 'päper '.repeat(12),
  records: [1, 2, 3, 4, 5, 6].map((number) => ({ number, name: `name ${number}`, even: number % 2 === 0 })),
};

const structured = {
  map: new Map<unknown, unknown>([
    [1n, new Set(['a', undefined])],
    ['key', { nested: new Map([[0.5, []]]) }],
  ]),
  dates: [new Date(0), new Date(1_700_000_000_123), new Date(-1), new Date(NaN)],
  bytes: [
    new Uint8Array([1, 2, 3]),
    Buffer.from('buffer'),
    new Uint8Array([9]).buffer,
    new DataView(new ArrayBuffer(3)),
  ],
  numbers: [new Float64Array([0.5, NaN]), new BigInt64Array([-1n]), 2n ** 100n, -(2n ** 70n), NaN, -Infinity],
  pattern: /a+/g,
  error: withStack(new RangeError('wrong', { cause: withStack(new TypeError('why')) }), { code: 'E' }),
  bare: Object.assign(Object.create(null) as object, { bare: [1] }),
  nothing: undefined,
};

function entangled(): unknown {
  const shared = { shared: 'twice', when: new Date(5) };
  const itself: Record<string, unknown> = { shared, again: [shared, shared], wide: '漢字'.repeat(20) };
  itself['self'] = new Map([['set', new Set([itself])]]);
  itself['shapes'] = Array.from({ length: 70 }, (_, index) => ({ [`property${index % 66}`]: index }));
  return itself;
}

function failure(): Error {
  return withStack(new Error('outer', { cause: withStack(new TypeError('inner')) }), { code: 'E_FUZZ' });
}

/** An error that is the same wherever the program stands: where it was made must not change what a seed makes. */
function withStack<E extends Error>(error: E, properties: object = {}): E {
  return Object.assign(error, { stack: `${error.name}: ${error.message}\n    at somewhere`, ...properties });
}

/** Entries that JSON can say. */
export const plainEntries: readonly CacheEntry[] = [
  { ...moments, etag: 'révision', value: plain },
  { ...moments, value: undefined },
  { ...moments, expiresAfter: 1_700_000_090_000, value: 'text' },
  { ...moments, failed: true, value: failure() },
];

/** Entries that structured clone can say. */
export const structuredEntries: readonly CacheEntry[] = [
  ...plainEntries,
  { ...moments, etag: 'e', value: structured },
  { ...moments, value: entangled() },
];
