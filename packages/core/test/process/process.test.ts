import { expect, it } from 'vitest';
import { runInOwnProcess } from '../support/own-process.js';

it('keeps no process alive and leaves no rejection unhandled (I10)', { timeout: 20_000 }, async () => {
  const program = new URL('lonely.ts', import.meta.url);
  // Two minutes of timers are set when the program is done: ending within ten seconds means that none was waited for.
  const { stdout, stderr } = await runInOwnProcess(program, ['--unhandled-rejections=strict'], 10_000);
  expect(stdout).toBe('done');
  expect(stderr).toContain('met a fault (refresh-failed)');
});
