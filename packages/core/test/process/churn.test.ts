import { expect, it } from 'vitest';
import { runInOwnProcess } from '../support/own-process.js';

interface Outcome {
  readonly calls: number;
  /** The live heap after each round, in bytes. */
  readonly heaps: readonly number[];
  readonly opened: number;
  readonly closed: number;
  readonly open: number;
  readonly pendingTimers: number;
  readonly listeners: number;
  readonly happened: Readonly<Record<string, number>>;
}

it('leaves nothing behind after a million calls with churn, expiry and disposal', { timeout: 180_000 }, async () => {
  const program = new URL('churn.ts', import.meta.url);
  const options = ['--expose-gc', '--unhandled-rejections=strict'];
  // It ends by itself, or there is no outcome.
  const { stdout, stderr } = await runInOwnProcess(program, options, 170_000);
  expect(stderr).toBe('');
  const outcome = JSON.parse(stdout) as Outcome;
  expect(outcome).toMatchObject({ calls: 1_000_000, open: 0, pendingTimers: 0, listeners: 0 });
  expect(outcome.closed).toBe(outcome.opened);
  for (const [what, times] of Object.entries(outcome.happened)) expect(times, what).toBeGreaterThan(100);
  // What is compiled and warmed up is there after the first rounds.
  const early = Math.max(...outcome.heaps.slice(1, 4));
  const late = Math.min(...outcome.heaps.slice(-3));
  expect((late - early) / 2 ** 20).toBeLessThan(1);
});
