/** Everything that can be measured, by the file that knows how, with the name that is shown. */
export const contenderNames = {
  bare: 'bare Map',
  'shared-promise': 'one promise',
  memo: 'memo',
  'memo-json': 'memo, by JSON.stringify',
  'lru-cache-get': 'lru-cache get',
  'lru-cache-fetch': 'lru-cache fetch',
  'layered-loader': 'layered-loader',
  'async-cache-dedupe': 'async-cache-dedupe',
  'p-memoize': 'p-memoize',
  moize: 'moize',
  ocache: 'ocache',
  'cache-manager': 'cache-manager',
  cachified: 'cachified',
  keyv: 'keyv',
  cacheable: 'cacheable',
  bentocache: 'bentocache',
} as const;

/** Those that load what is not there, share a load, and have a bound. */
export const readThroughPeers = [
  'lru-cache-fetch',
  'layered-loader',
  'async-cache-dedupe',
  'p-memoize',
  'ocache',
  'cache-manager',
  'cachified',
  'cacheable',
  'bentocache',
] as const satisfies readonly ContenderName[];

export type ContenderName = keyof typeof contenderNames;
