/**
 * Proves that @memo/core and @memo/core/remote run everywhere: bundles them as built and caches a function that asks a
 * server in a context that has the web platform's globals and nothing of Node.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { root } from './processes.mjs';

const dist = join(root, 'packages', 'core', 'dist');

/** The globals that every runtime of memo has; the language's own come with the context. */
const webPlatform = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  queueMicrotask,
  structuredClone,
  AbortController,
  AbortSignal,
  URL,
  TextEncoder,
  TextDecoder,
  performance,
  console,
};

const program = `
  import { memoize, systemClock } from './index.js';
  import { ServerAccess, ServerTime } from './remote/index.js';
  let loads = 0;
  const access = new ServerAccess({ deadline: 500, clock: systemClock, isAnswer: () => false });
  const time = new ServerTime();
  time.compare(async () => ({ earliest: 1000, latest: 2000 }));
  const load = (number) => access.ask('server', { operation: 'get' }, async () => { loads++; return number * 2; });
  const double = memoize(load, { expireAfter: '1 minute' });
  globalThis.result = (async () => {
    const together = await Promise.all([double(21), double(21)]);
    const answers = [...together, await double(21)];
    return JSON.stringify({ answers, loads, timeIsKnown: time.known });
  })();
`;

requireNoNode();
const bundle = await build({
  stdin: { contents: program, resolveDir: dist, sourcefile: 'program.js' },
  bundle: true,
  platform: 'browser',
  format: 'iife',
  write: false,
  logLevel: 'silent',
});
const context = createContext({ ...webPlatform });
// Asked outside of the bundle: bundlers put something of their own in the place of `require`.
const nodes = runInContext('[typeof process, typeof Buffer, typeof require].join()', context);
if (nodes !== 'undefined,undefined,undefined') throw new Error(`the context is not free of Node: ${nodes}`);
runInContext(bundle.outputFiles[0]?.text ?? '', context);
const result = await context['result'];
const expected = JSON.stringify({ answers: [42, 42, 42], loads: 1, timeIsKnown: true });
if (result !== expected) throw new Error(`the bundle of @memo/core answered\n${result}\ninstead of\n${expected}`);
console.log('@memo/core runs without Node: three calls, one load');

/** A bundler could still leave such an import out of a bundle that does not use it. */
function requireNoNode() {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
  const guilty = files.filter((path) => /["']node:/.test(readFileSync(join(dist, path), 'utf8')));
  if (guilty.length > 0) throw new Error(`@memo/core imports Node in ${guilty.join(', ')}`);
}
