import type { CacheEntry } from '@memo/core';

const moments = { created: 1_700_000_000_000.5, updateAfter: 1_700_000_060_000, expiresAfter: Infinity };

function failure(): Error {
  const cause = Object.assign(new TypeError('inner'), { stack: 'TypeError: inner\n    at somewhere' });
  return Object.assign(new Error('outer', { cause }), { stack: 'Error: outer\n    at anywhere', code: 'E_GOLDEN' });
}

/** What the golden payloads hold, by name. Once a payload was written its entry is never changed. */
export const goldenEntries = {
  plain: {
    ...moments,
    etag: 'révision',
    value: { text: 'päper 𝒳', list: [1, -1, 0.1, 2 ** 53, true, null, [], {}], nested: { a: { b: 'c' } } },
  },
  absent: { ...moments, value: undefined },
  failure: { ...moments, failed: true, value: failure() },
  structured: {
    ...moments,
    value: {
      map: new Map<unknown, unknown>([[1n, new Set(['a', undefined])]]),
      dates: [new Date(0), new Date(-1), new Date(1_700_000_000_123), new Date(NaN)],
      numbers: [NaN, Infinity, -Infinity, 2n ** 63n, -(2n ** 200n)],
      bytes: [
        new Uint8Array([1, 2, 3]),
        new Float64Array([0.5, NaN]),
        new Uint8Array([9]).buffer,
        Buffer.from('buffer'),
      ],
      pattern: /a+/giu,
      error: Object.assign(new RangeError('wrong'), { stack: 'RangeError: wrong\n    at here', code: 'E_GOLDEN' }),
      bare: Object.assign(Object.create(null) as object, { bare: true }),
      shapes: [1, 2, 3, 4, 5].map((id) => ({ id, name: `name ${id}` })),
    },
  },
  cause: { ...moments, value: [failure()] },
  remembered: {
    ...moments,
    expiresAfter: 1_700_000_120_000,
    keepUntil: 1_800_000_000_000,
    failed: true,
    value: {
      failure: {
        memo: 1,
        thrown: {
          error: {
            name: 'HttpError',
            message: 'päper 𝒳',
            code: 503,
            cause: { error: { name: 'AggregateError', message: '', errors: [{ value: { status: 404 } }, {}] } },
          },
        },
      },
    },
  },
} as const satisfies Record<string, CacheEntry>;
