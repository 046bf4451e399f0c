import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetAfter, offsetTold, widened, type ClockOffset } from '../../src/remote/clock-offset.js';

describe('offsetTold', () => {
  it('bounds the offset by the sending and the receipt, between which clocks may run apart', () => {
    const exact = { earliest: 100_000, latest: 100_000 };
    expect(offsetTold(exact, 10, 1_010)).toEqual({ atLeast: 98_989, atMost: 99_991, since: 1_010 });
    const coarse = { earliest: 100_000, latest: 101_000 };
    expect(offsetTold(coarse, 10, 1_010)).toEqual({ atLeast: 98_989, atMost: 100_991, since: 1_010 });
  });
});

describe('offsetAfter', () => {
  it('is what was told where nothing was known', () => {
    const told = offset(100, 200, 5_000);
    expect(offsetAfter(undefined, told)).toBe(told);
  });

  const known = offset(100, 200, 5_000);

  it.each<[title: string, told: ClockOffset, after: ClockOffset]>([
    ['is the part upon which both agree', offset(150, 900, 5_000), offset(150, 200, 5_000)],
    ['is what was known where an answer tells nothing new', offset(0, 1_000, 5_000), known],
    ['is less exact by a thousandth of the time between', offset(0, 1_000, 15_000), offset(90, 210, 15_000)],
    ['is the answer alone where it contradicts', offset(201, 1_201, 5_000), offset(201, 1_201, 5_000)],
    ['is no contradiction where clocks may have run apart', offset(201, 1_201, 6_000), offset(201, 201, 6_000)],
  ])('%s', (_, told, after) => {
    expect(offsetAfter(known, told)).toEqual(after);
  });
});

describe('what honest answers tell', () => {
  /** For what is lost by rounding, milliseconds. */
  const tolerance = 1e-3;

  /** No answer is there at once: rounding alone makes answers contradict each other that would only just agree. */
  const milliseconds = (limit: number) => fc.double({ min: 0.01, max: limit, noNaN: true });
  const comparisons = fc.array(
    fc.record({ wait: milliseconds(100_000), there: milliseconds(2_000), back: milliseconds(2_000) }),
    { minLength: 1, maxLength: 30 },
  );
  const servers = fc.record({
    ahead: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    /** By which part the server's clock runs faster. */
    faster: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
    tick: fc.constantFrom(0, 1, 1_000, 60_000),
  });

  it('never excludes the true offset, and never makes it less certain', () => {
    const holds = fc.property(servers, comparisons, ({ ahead, faster, tick }, asked) => {
      const clock = (steady: number): number => ahead + steady * (1 + faster);
      let known: ClockOffset | undefined;
      let now = 0;
      for (const { wait, there, back } of asked) {
        const sent = now + wait;
        now = sent + there + back;
        const before = known && widened(known, now);
        known = offsetAfter(known, offsetTold(told(clock(sent + there), tick), sent, now)!);
        const { atLeast, atMost } = widened(known, now);
        const truth = clock(now) - now;
        expect(atLeast).toBeLessThanOrEqual(truth + tolerance);
        expect(atMost).toBeGreaterThanOrEqual(truth - tolerance);
        if (before !== undefined)
          expect(atMost - atLeast).toBeLessThanOrEqual(before.atMost - before.atLeast + tolerance);
      }
    });
    fc.assert(holds);
  });

  /** What a clock says that tells whole ticks of so many milliseconds; 0 for one that is exact. */
  function told(moment: number, tick: number): { readonly earliest: number; readonly latest: number } {
    const earliest = tick === 0 ? moment : Math.floor(moment / tick) * tick;
    return { earliest, latest: earliest + tick };
  }
});

function offset(atLeast: number, atMost: number, since: number): ClockOffset {
  return { atLeast, atMost, since };
}
