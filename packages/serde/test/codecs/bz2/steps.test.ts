import { afterEach, describe, expect, it, vi } from 'vitest';
import { carryOut, type Steps } from '../../../src/codecs/bz2/steps.js';

function* threeSteps(said: string[]): Steps<string> {
  said.push('first');
  yield;
  said.push('second');
  yield;
  said.push('third');
  return 'done';
}

function* failing(): Steps<string> {
  yield;
  throw new RangeError('wrong');
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('carryOut', () => {
  it('does what is small at once', () => {
    const said: string[] = [];
    expect(carryOut(threeSteps(said), () => true)).toBe('done');
    expect(said).toStrictEqual(['first', 'second', 'third']);
  });

  it('does each step of what is not small in a turn of its own', async () => {
    const due: (() => void)[] = [];
    vi.stubGlobal('setImmediate', (callback: () => void) => due.push(callback));
    const said: string[] = [];
    const result = carryOut(threeSteps(said), () => false);
    for (let turn = 1; turn <= 2; turn++) {
      await vi.waitFor(() => expect(due.length).toBe(1));
      expect(said.length).toBe(turn);
      due.pop()!();
    }
    expect(await result).toBe('done');
  });

  it('goes on in turns with what turns out not to be small', async () => {
    const said: string[] = [];
    const result = carryOut(threeSteps(said), () => said.length < 2);
    expect(result).toBeInstanceOf(Promise);
    expect(said).toStrictEqual(['first', 'second', 'third']);
    expect(await result).toBe('done');
  });

  it('throws or rejects where a step does', async () => {
    expect(() => carryOut(failing(), () => true)).toThrow(new RangeError('wrong'));
    await expect(carryOut(failing(), () => false)).rejects.toThrow(new RangeError('wrong'));
  });
});
