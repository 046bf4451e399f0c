import { describe, expect, it } from 'vitest';
import { ServerChoice } from '../src/server-choice.js';

const names = Array.from({ length: 20_000 }, (_, index) => `app:user:${index}`);
const three = ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11211'];
const four = [...three, '10.0.0.4:11211'];

function choicesOf(servers: readonly string[]): readonly string[] {
  const choice = new ServerChoice(servers.map((name) => ({ name })));
  return names.map((name) => choice.serverOf(name).name);
}

/** How many of the names lie on each server, as fractions. */
function sharesOf(choices: readonly string[]): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const server of choices) shares[server] = (shares[server] ?? 0) + 1 / choices.length;
  return shares;
}

describe('ServerChoice', () => {
  it.each([[three], [four], [['a', 'b']], [Array.from({ length: 10 }, (_, index) => `server-${index}:11211`)]])(
    'gives each server its share: %j',
    (servers) => {
      const shares = sharesOf(choicesOf(servers));
      for (const server of servers) expect(shares[server]! * servers.length).toBeCloseTo(1, 0.5);
      expect(Object.keys(shares)).toHaveLength(servers.length);
    },
  );

  it('moves a quarter of the names when a fourth server comes beside three, and only to that one', () => {
    const [before, after] = [choicesOf(three), choicesOf(four)];
    const moved = names.flatMap((_, index) => (before[index] === after[index] ? [] : [after[index]]));
    expect(moved.length / names.length).toBeGreaterThan(0.23);
    expect(moved.length / names.length).toBeLessThan(0.27);
    expect(new Set(moved)).toStrictEqual(new Set(['10.0.0.4:11211']));
  });

  it('moves only the names of the server that goes', () => {
    const [before, after] = [choicesOf(four), choicesOf(three)];
    const moved = names.flatMap((_, index) => (before[index] === after[index] ? [] : [before[index]]));
    expect(new Set(moved)).toStrictEqual(new Set(['10.0.0.4:11211']));
  });

  it('does not care in which order servers are named', () => {
    expect(choicesOf(four.toReversed())).toStrictEqual(choicesOf(four));
  });

  it('takes the only server there is', () => {
    expect(new Set(choicesOf(['a']))).toStrictEqual(new Set(['a']));
  });
});
