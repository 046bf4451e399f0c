/**
 * Taking entries away by the arguments of the calls they answer, for several functions at once.
 *
 * Build once with `npm run build`, then: node examples/dist/invalidation.js
 */
import { InvalidationSupport, memoize } from '@memo/core';

const prices = new Map([['pen', 3]]);
const invalidation = new InvalidationSupport<[article: string]>();

const priceOf = memoize(async (article: string) => prices.get(article), { invalidation });
const labelOf = memoize(async (article: string) => `${article}: ${prices.get(article)} euros`, { invalidation });

console.log(await priceOf('pen'), await labelOf('pen'));

prices.set('pen', 4);
console.log(await priceOf('pen'), await labelOf('pen'), '<- still what is remembered');

await invalidation.invalidateForArguments(['pen']);
console.log(await priceOf('pen'), await labelOf('pen'), '<- loaded anew');
