/**
 * Cached methods: each object has entries of its own, and they go when the object goes.
 *
 * Build once with `npm run build`, then: node examples/dist/methods.js
 */
import { memoized, memoizedMethod } from '@memo/core';

class Library {
  readonly #city: string;

  constructor(city: string) {
    this.#city = city;
  }

  @memoized({ expireAfter: '5 minutes' })
  async find(title: string): Promise<string> {
    console.log(`  ... searching the shelves of ${this.#city}`);
    return `"${title}" stands in ${this.#city}`;
  }
}

const paris = new Library('Paris');
const prague = new Library('Prague');

console.log(await paris.find('Momo'));
console.log(await paris.find('Momo'), '(remembered)');
console.log(await prague.find('Momo'));

await memoizedMethod(paris, 'find').delete(['Momo']);
console.log(await paris.find('Momo'), '(after the delete)');
