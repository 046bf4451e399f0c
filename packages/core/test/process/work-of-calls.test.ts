import { expect, it } from 'vitest';
import { runInOwnProcess } from '../support/own-process.js';
import type { Asked } from './counted-platform.js';

/*
 * Guards the speed of calls without timing them: by what they allocate, and by what they ask of the platform. How long they
 * take is measured by the benchmarks.
 */

async function outcomeOf<Outcome>(program: URL, options: readonly string[]): Promise<Outcome> {
  const { stdout, stderr } = await runInOwnProcess(program, options, 60_000);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Outcome;
}

it('a hit allocates no more than the promise that its caller awaits', { timeout: 70_000 }, async () => {
  const options = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  const bytes = await outcomeOf<Record<'hit' | 'hitAtOnce', number>>(
    new URL('bytes-of-calls.ts', import.meta.url),
    options,
  );
  // Of these, 248 are for awaiting a promise that is new.
  expect(bytes.hit).toBeLessThan(300);
  // No more than a number.
  expect(bytes.hitAtOnce).toBeLessThan(32);
});

it('calls look up, keep books and read the clock no more often than they must', { timeout: 70_000 }, async () => {
  const { hit, hitAtOnce, miss, join } = await outcomeOf<
    Record<'hit' | 'hitAtOnce' | 'miss', Asked> & { readonly join: Pick<Asked, 'lookUps' | 'changes'> }
  >(new URL('work-of-calls.ts', import.meta.url), []);
  expect(hit).toMatchObject({ lookUps: 1, changes: 0 });
  expect(hit.clockReads).toBeLessThan(1);
  expect(hit.timers).toBeLessThan(0.1);
  expect(hitAtOnce).toMatchObject({ lookUps: 1, changes: 0 });
  expect(hitAtOnce.clockReads).toBeLessThan(1);
  expect(hitAtOnce.timers).toBeLessThan(0.1);
  expect(miss.lookUps).toBeLessThan(14);
  expect(miss.changes).toBeLessThan(15);
  expect(miss.clockReads).toBeLessThan(3);
  expect(miss.timers).toBeLessThan(0.1);
  expect(join.lookUps).toBeLessThan(2.1);
  expect(join.changes).toBeLessThan(0.1);
});
