/**
 * A function and its cached self: however many ask, one load.
 *
 * Build once with `npm run build`, then: node examples/dist/hello.js
 */
import { memoize } from '@memo/core';

let greetings = 0;

const greet = memoize(async (name: string) => {
  greetings++;
  return `Hello, ${name}! (greeting number ${greetings})`;
});

console.log(await greet('Ada'));
console.log(await greet('Ada'));
console.log(await Promise.all([greet('Grace'), greet('Grace'), greet('Grace')]));
