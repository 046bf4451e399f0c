import { describe } from 'vitest';
import { contractOver } from './contract-over.js';
import { byJson, byStructuredClone, DistantStore, ListingStore, textOnly, V8SerDe } from './stores.js';

describe('over a store that can nothing else', () => {
  contractOver(DistantStore, byJson, {}, { values: 'json', garbage: 'null and void' });
});

describe('over one of this process that copies by structured clone', () => {
  const options = { shared: false, values: 'any' } as const;
  contractOver(ListingStore, byStructuredClone, options, { lossy: true, garbage: new Date(0) });
});

describe('over one that keeps text, with a SerDe', () => {
  contractOver(ListingStore, textOnly, { serde: new V8SerDe() }, { lossy: true, garbage: 'no record' });
});
