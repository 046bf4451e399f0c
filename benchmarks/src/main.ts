/**
 * Runs the benchmarks named on the command line, all of them if none is: `npm run bench`, `npm run bench -- hit`.
 * Prints what they found and keeps it in `benchmarks/results`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { encodingsOfJson } from './encodings.js';
import { hit } from './hit.js';
import { memcached } from './memcached.js';
import { redis } from './redis.js';
import { markdown, type Report } from './report.js';
import { size } from './size.js';

const benchmarks = new Map<string, () => Promise<Report>>([
  ['hit', hit],
  ['encodings', encodingsOfJson],
  ['memcached', memcached],
  ['redis', redis],
  ['size', size],
]);
const results = new URL('../results/', import.meta.url);

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !benchmarks.has(name));
if (unknown !== undefined) {
  console.error(
    `There is no benchmark ${JSON.stringify(unknown)}; expected one or more of: ${[...benchmarks.keys()].join(', ')}`,
  );
  process.exit(2);
}
mkdirSync(results, { recursive: true });
for (const [name, measure] of benchmarks) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const text = markdown(await measure());
  writeFileSync(new URL(`${name}.md`, results), text);
  console.log(text);
}
