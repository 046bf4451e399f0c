import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecentMoment } from '../../src/time/recent-moment.js';
import { turn } from '../support/deferred.js';

let now = 0;
let readings = 0;
const platformNow = (): number => {
  readings++;
  return now;
};
let moment: RecentMoment;
const read = (times: number): readonly number[] => Array.from({ length: times }, () => moment.read());

/** Loads the class anew: it takes what the platform has at that moment for the platform's own. */
beforeEach(async () => {
  [now, readings] = [1_000, 0];
  vi.spyOn(Date, 'now').mockImplementation(platformNow);
  vi.resetModules();
  const recentMoment = await import('../../src/time/recent-moment.js');
  moment = new recentMoment.RecentMoment();
  readings = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('RecentMoment', () => {
  it('reads the clock once for up to 32 readings of one turn', () => {
    expect(read(5 + 32 * 3)).toEqual(Array(5 + 32 * 3).fill(1_000));
    expect(readings).toBeLessThanOrEqual(5 + 4);
    now = 2_000;
    expect(read(32).at(-1)).toBe(2_000);
  });

  it('reads the clock each time for those who ask only a few times in a millisecond', () => {
    for (let millisecond = 0; millisecond < 10; millisecond++) {
      now++;
      expect(read(4)).toEqual(Array(4).fill(now));
    }
    expect(readings).toBe(40);
  });

  it('reads the clock again in the next turn', async () => {
    read(20);
    now = 1_001;
    await turn();
    expect(moment.read()).toBe(1_001);
  });

  it('spares readings again in later turns', async () => {
    for (let turns = 0; turns < 3; turns++) {
      readings = 0;
      read(32);
      expect(readings).toBeLessThan(16);
      await turn();
    }
  });

  it('is never before a moment that was read anew', () => {
    read(6);
    now = 1_500;
    expect(moment.readAnew()).toBe(1_500);
    expect(moment.read()).toBe(1_500);
  });
});

describe('a replaced clock', () => {
  const replace = (...what: readonly ('Date' | 'setImmediate')[]): (() => void) => {
    const { now: dateNow } = Date;
    if (what.includes('Date')) Date.now = () => 77;
    if (what.includes('setImmediate')) vi.stubGlobal('setImmediate', () => 0);
    return () => {
      Date.now = dateNow;
      vi.unstubAllGlobals();
    };
  };

  it('is read each time, and its moments are not taken for those of the platform', () => {
    read(10);
    const putBack = replace('Date');
    expect(read(10)).toEqual(Array(10).fill(77));
    putBack();
    now = 1_001;
    expect(moment.read()).toBe(1_001);
  });

  it.each([[['Date']], [['setImmediate']], [['Date', 'setImmediate']]] as const)(
    'stops nothing once it is put back: %s',
    async (what) => {
      const putBack = replace(...what);
      read(20);
      putBack();
      read(20);
      for (let turns = 0; turns < 3; turns++) {
        now += 100;
        await turn();
        expect(read(20)).toEqual(Array(20).fill(now));
      }
    },
  );
});

describe('a runtime without immediates', () => {
  it('has the clock read each time: nobody can tell when the turn ends', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const recentMoment = await import('../../src/time/recent-moment.js');
    moment = new recentMoment.RecentMoment();
    readings = 0;
    read(100);
    expect(readings).toBe(100);
  });
});
