import { describe, expect, it } from 'vitest';
import { runProgram } from '../src/index.js';

describe('a program in a process of its own', () => {
  const calculation = new URL('support/calculation.ts', import.meta.url);

  it('answers by a message', async () => {
    const answers = await Promise.all([1, 2].map((number) => runProgram(calculation, { NUMBER: String(number) })));
    expect(answers).toMatchObject([{ double: 2 }, { double: 4 }]);
    const processes = answers.map((answer) => (answer as { pid: number }).pid);
    expect(new Set([...processes, process.pid]).size).toBe(3);
  });

  it('is heard when it fails', async () => {
    await expect(runProgram(calculation, { NUMBER: undefined })).rejects.toThrow(
      /calculation\.ts ended with 1 and sent no result:\n[^]*There is no NUMBER/,
    );
  });
});
