import { ServerTime, type MomentRange } from '@memo/core/remote';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { turn } from '../support/deferred.js';

/** The answer of a server whose clock says `moment` exactly. */
function exactly(moment: number): MomentRange {
  return { earliest: moment, latest: moment };
}

describe('ServerTime', () => {
  it('tells the time of this process until the server has answered', () => {
    const time = new ServerTime();
    expect(Math.abs(time.now() - Date.now())).toBeLessThan(50);
    expect(time.known).toBe(false);
  });

  it('tells the time of the server from then on, though the own clock is set', async () => {
    const time = new ServerTime();
    const server = 1_234_567_890_123;
    time.compare(() => Promise.resolve(exactly(server)));
    await turn();
    expect(time.known).toBe(true);
    expect(time.now() - server).toBeGreaterThanOrEqual(-1);
    expect(time.now() - server).toBeLessThan(1_000);
    const set = vi.spyOn(Date, 'now').mockReturnValue(5);
    try {
      expect(time.now() - server).toBeLessThan(1_000);
    } finally {
      set.mockRestore();
    }
  });

  it.each<[title: string, answer: unknown]>([
    ['no numbers', { earliest: 'now', latest: 'then' }],
    ['no finite numbers', { earliest: -Infinity, latest: Infinity }],
    ['not a number at one end', { earliest: 0, latest: NaN }],
    ['a range that ends before it begins', { earliest: 1_000, latest: 0 }],
    ['no range at all', undefined],
  ])('does not learn from an answer that is %s', async (_, answer) => {
    const time = new ServerTime();
    time.compare(() => Promise.resolve(answer as MomentRange));
    await turn();
    expect(Math.abs(time.now() - Date.now())).toBeLessThan(50);
    expect(time.known).toBe(false);
  });

  describe('compares', () => {
    let steady: { mockReturnValue(now: number): unknown };
    let wall: { mockReturnValue(now: number): unknown };
    beforeEach(() => {
      steady = vi.spyOn(performance, 'now').mockReturnValue(1_000);
      wall = vi.spyOn(Date, 'now').mockReturnValue(50_000);
    });
    afterEach(() => void vi.restoreAllMocks());

    it('anew after ten seconds by either clock, and after one as long as no answer was good', async () => {
      const time = new ServerTime();
      let asked = 0;
      const ask = (): Promise<MomentRange> => {
        asked++;
        return Promise.resolve(exactly(100_000));
      };
      time.compare(() => Promise.reject(new Error('away')));
      await turn();
      time.compare(ask);
      expect(asked).toBe(0);
      steady.mockReturnValue(2_000);
      time.compare(ask);
      await turn();
      expect(asked).toBe(1);
      steady.mockReturnValue(11_999);
      time.compare(ask);
      expect(asked).toBe(1);
      steady.mockReturnValue(12_000);
      time.compare(ask);
      await turn();
      expect(asked).toBe(2);
      wall.mockReturnValue(40_000);
      time.compare(ask);
      expect(asked).toBe(3);
    });

    it('lets no failure out, not even one that is thrown', () => {
      const ask = (): never => {
        throw new Error('closed');
      };
      expect(() => new ServerTime().compare(ask)).not.toThrow();
    });
  });

  describe('learns from an answer what it can', () => {
    afterEach(() => void vi.restoreAllMocks());

    interface Answer {
      readonly sent: number;
      readonly trip: number;
      /** What the server's clock says when the question is half way there and back. */
      readonly server: number;
    }

    async function answered(time: ServerTime, answers: readonly Answer[]): Promise<void> {
      const steady = vi.spyOn(performance, 'now');
      for (const { sent, trip, server } of answers) {
        steady.mockReturnValue(sent);
        let reply!: (answer: MomentRange) => void;
        time.compare(() => new Promise((resolve) => (reply = resolve)));
        steady.mockReturnValue(sent + trip);
        reply(exactly(server));
        await turn();
      }
    }

    it.each<[title: string, answers: Answer[], expected: number]>([
      ['a slow first one is better than none', [{ sent: 0, trip: 4_000, server: 100_000 }], 102_000],
      [
        'a quick one replaces it',
        [
          { sent: 0, trip: 4_000, server: 100_000 },
          { sent: 5_000, trip: 10, server: 103_000 },
        ],
        103_005,
      ],
      [
        'a slow one that agrees changes nothing',
        [
          { sent: 0, trip: 10, server: 100_000 },
          { sent: 20_000, trip: 200, server: 120_050 },
        ],
        120_195,
      ],
      [
        'a slow one that shows a clock was set is believed',
        [
          { sent: 0, trip: 10, server: 100_000 },
          { sent: 20_000, trip: 200, server: 900_000 },
        ],
        900_100,
      ],
    ])('%s', async (_, answers, expected) => {
      const time = new ServerTime();
      await answered(time, answers);
      expect(time.now()).toBe(expected);
    });
  });
});
