import { ServerTime, type MomentRange } from '@memo/core/remote';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deferred, turn } from '../support/deferred.js';

/** The answer of a server whose clock says `moment` exactly. */
function exactly(moment: number): MomentRange {
  return { earliest: moment, latest: moment };
}

/** The answer of a server whose clock tells whole seconds, and says `seconds`. */
function second(seconds: number): MomentRange {
  return { earliest: seconds * 1_000, latest: (seconds + 1) * 1_000 };
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

  it('knows a moment that has come for certain: the one in the answer, as if it had taken no time to arrive', async () => {
    const steady = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    try {
      const time = new ServerTime();
      expect(time.earliest()).toBe(-Infinity);
      const answer = deferred<MomentRange>();
      time.compare(() => answer.promise);
      steady.mockReturnValue(1_400);
      answer.resolve(exactly(70_000));
      await turn();
      // The answer was 400 ms on its way, in which clocks may also have run apart by 0.4 ms.
      expect(time.earliest()).toBeCloseTo(70_000 - 0.4, 6);
      expect(time.now()).toBeCloseTo(70_200, 6);
      steady.mockReturnValue(2_400);
      expect(time.earliest()).toBeCloseTo(71_000 - 1.4, 6);
    } finally {
      steady.mockRestore();
    }
  });

  it.each<[title: string, answer: unknown]>([
    ['no numbers', { earliest: 'now', latest: 'then' }],
    ['no finite numbers', { earliest: -Infinity, latest: Infinity }],
    ['not a number at one end', { earliest: 0, latest: NaN }],
    ['no date', { earliest: -1e300, latest: 0 }],
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

    it('anew within twenty seconds also where an answer says next to nothing', async () => {
      const time = new ServerTime();
      time.compare(() => Promise.resolve({ earliest: 0, latest: 1e12 }));
      await turn();
      steady.mockReturnValue(21_000);
      let asked = false;
      time.compare(async () => {
        asked = true;
        return exactly(100_000);
      });
      expect(asked).toBe(true);
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
      readonly told: MomentRange;
    }

    async function answered(time: ServerTime, answers: readonly Answer[]): Promise<void> {
      const steady = vi.spyOn(performance, 'now');
      for (const { sent, trip, told } of answers) {
        steady.mockReturnValue(sent);
        const answer = deferred<MomentRange>();
        time.compare(() => answer.promise);
        steady.mockReturnValue(sent + trip);
        answer.resolve(told);
        await turn();
      }
    }

    it.each<[title: string, answers: Answer[], expected: number]>([
      ['a slow first one is better than none', [{ sent: 0, trip: 4_000, told: exactly(100_000) }], 102_000],
      [
        'a quick one replaces it',
        [
          { sent: 0, trip: 4_000, told: exactly(100_000) },
          { sent: 5_000, trip: 10, told: exactly(103_000) },
        ],
        103_005,
      ],
      [
        'a slow one that agrees changes nothing',
        [
          { sent: 0, trip: 10, told: exactly(100_000) },
          { sent: 20_000, trip: 200, told: exactly(120_050) },
        ],
        120_195,
      ],
      [
        'a slow one that shows a clock was set is believed',
        [
          { sent: 0, trip: 10, told: exactly(100_000) },
          { sent: 20_000, trip: 200, told: exactly(900_000) },
        ],
        900_100,
      ],
      ['of whole seconds the middle is taken', [{ sent: 0, trip: 0, told: second(100) }], 100_500],
    ])('%s', async (_, answers, expected) => {
      const time = new ServerTime();
      await answered(time, answers);
      expect(time.now()).toBe(expected);
    });
  });

  describe('of a server that tells whole seconds, asked by a process that is always busy,', () => {
    afterEach(() => void vi.restoreAllMocks());

    /** A server's clock and the process that looks at it before each of its operations, of which it has fifty a second. */
    class BusyProcess {
      readonly time = new ServerTime();
      readonly #steady = vi.spyOn(performance, 'now');
      readonly #wall = vi.spyOn(Date, 'now');
      /** Milliseconds since it began, by its steady clock. */
      #passed = 0;
      asked = 0;
      #ahead: number;
      readonly #faster: number;
      readonly #told: (now: number) => MomentRange;

      /**
       * @param faster - by which part the server's clock runs faster.
       * @param told - what the server says when its clock stands at `now`.
       */
      constructor(ahead: number, faster: number, told = (now: number) => second(Math.floor(now / 1_000))) {
        this.#ahead = ahead;
        this.#faster = faster;
        this.#told = told;
        this.#pass(0);
      }

      get serverNow(): number {
        return this.#ahead + this.#passed * (1 + this.#faster);
      }

      get error(): number {
        return Math.abs(this.time.now() - this.serverNow);
      }

      setServer(by: number): void {
        this.#ahead += by;
      }

      /** The greatest error within so many seconds. */
      async work(seconds: number): Promise<number> {
        const end = this.#passed + seconds * 1_000;
        let worst = 0;
        while (this.#passed < end) {
          const asked = this.asked;
          this.time.compare(async () => {
            this.asked++;
            return this.#told(this.serverNow);
          });
          this.#pass(20);
          if (this.asked > asked) await turn();
          worst = Math.max(worst, this.error);
        }
        return worst;
      }

      #pass(milliseconds: number): void {
        this.#passed += milliseconds;
        this.#steady.mockReturnValue(this.#passed);
        this.#wall.mockReturnValue(1e12 + this.#passed);
      }
    }

    const places = [0, 1, 250, 500, 999].flatMap((place) =>
      [-0.000_1, 0, 0.000_1].map((faster) => ({ place, faster })),
    );

    it.each(places)(
      'knows the time to a few tenths of one soon: $place ms, rate $faster',
      async ({ place, faster }) => {
        const busy = new BusyProcess(1.7e12 + place, faster);
        expect(await busy.work(60)).toBeLessThan(520);
        expect(await busy.work(60)).toBeLessThan(250);
        expect(await busy.work(600)).toBeLessThan(150);
      },
    );

    it.each([200, 600, -400, 5_000])('follows a clock that was set by %d ms within two minutes', async (by) => {
      const busy = new BusyProcess(1.7e12, 0);
      await busy.work(300);
      busy.setServer(by);
      await busy.work(120);
      expect(await busy.work(10)).toBeLessThan(250);
    });

    it.each([1_000.5, 1_002, 1_010])(
      'knows the time of a server that looks at its clock every %s ms',
      async (pause) => {
        const busy = new BusyProcess(1.7e12, 0, (now) => {
          const looked = Math.floor(now / pause) * pause;
          return { earliest: Math.floor(looked / 1_000) * 1_000, latest: Math.floor(looked / 1_000) * 1_000 + 2_000 };
        });
        await busy.work(120);
        expect(await busy.work(900)).toBeLessThan(600);
      },
    );

    it('compares about every ten seconds', async () => {
      const busy = new BusyProcess(1.7e12, 0);
      await busy.work(120);
      expect(busy.asked).toBe(12);
    });
  });
});
