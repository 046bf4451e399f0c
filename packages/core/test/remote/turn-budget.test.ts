import { afterEach, describe, expect, it, vi } from 'vitest';
import { TurnBudget } from '../../src/remote/turn-budget.js';

const budget = 128 * 1_024;

/** What is begun in each turn of the event loop, as bytes, for work on so many bytes that is all asked for at once. */
async function turnsOf(sizes: readonly number[], turns = new TurnBudget()): Promise<readonly (readonly number[])[]> {
  const begun: number[][] = [[]];
  let isRunning = true;
  const countTurns = (): void => {
    begun.push([]);
    if (isRunning) setImmediate(countTurns);
  };
  // Counted from before the budget is used up: its own immediates come after the one that begins a turn here.
  setImmediate(countTurns);
  await Promise.all(
    sizes.map(async (bytes) => {
      if (!turns.admits(bytes)) await new Promise<void>((go) => turns.later(bytes, go));
      begun.at(-1)!.push(bytes);
    }),
  );
  isRunning = false;
  return begun.filter((turn) => turn.length > 0);
}

describe('TurnBudget', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is there for what a turn has room for', () => {
    const turns = new TurnBudget();
    expect([turns.admits(budget - 1), turns.admits(1), turns.admits(1)]).toStrictEqual([true, true, false]);
  });

  it('begins no more in one turn than the budget and the last of it, in the order in which it was asked for', async () => {
    const sizes = Array.from({ length: 1_000 }, (_, index) => 30_000 + index);
    const begun = await turnsOf(sizes);
    expect(begun.flat()).toStrictEqual(sizes);
    for (const turn of begun.slice(0, -1)) {
      const sum = turn.reduce((total, bytes) => total + bytes, 0);
      expect(sum).toBeGreaterThanOrEqual(budget);
      expect(sum - turn.at(-1)!).toBeLessThan(budget);
    }
  });

  it('gives what is larger than the budget a turn by itself, and lets the next go on after it', async () => {
    expect(await turnsOf([2 * budget, 1, 2 * budget, 2 * budget, 3])).toStrictEqual([
      [2 * budget],
      [1, 2 * budget],
      [2 * budget],
      [3],
    ]);
  });

  it.each([budget, 16 * 1_024])('is there again in the next turn after %i bytes', async (bytes) => {
    const turns = new TurnBudget();
    expect(turns.admits(bytes)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    for (const spent of [budget - 1, 1]) expect(turns.admits(spent)).toBe(true);
    expect(turns.admits(1)).toBe(false);
  });

  it('costs no look at the next turn where little is asked for', async () => {
    const immediate = vi.fn(setImmediate);
    const turns = await budgetWith(immediate);
    for (let times = 0; times < 16; times++) expect(turns.admits(1_023)).toBe(true);
    expect(immediate).not.toHaveBeenCalled();
    for (let times = 0; times < 16; times++) expect(turns.admits(1_024)).toBe(true);
    expect(immediate).toHaveBeenCalledTimes(1);
  });

  it('is always there where nobody can tell when the next turn is', async () => {
    const turns = await budgetWith(undefined);
    for (let times = 0; times < 3; times++) expect(turns.admits(budget)).toBe(true);
  });
});

/** A budget on a platform that has these immediates: they are looked for when the module is loaded. */
async function budgetWith(immediate: typeof setImmediate | undefined): Promise<TurnBudget> {
  vi.stubGlobal('setImmediate', immediate);
  vi.resetModules();
  const { TurnBudget: Budget } = await import('../../src/remote/turn-budget.js');
  return new Budget();
}
