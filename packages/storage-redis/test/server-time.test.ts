import { describe, expect, it, vi } from 'vitest';
import { ServerTime, type TimeReply } from '../src/server-time.js';

/** What a server answers whose clock says `milliseconds`. */
function replyAt(milliseconds: number): TimeReply {
  return [String(Math.floor(milliseconds / 1_000)), String((milliseconds % 1_000) * 1_000)];
}

describe('ServerTime', () => {
  it('tells the time of this process until the server has answered', () => {
    expect(Math.abs(new ServerTime().now() - Date.now())).toBeLessThan(50);
  });

  it('tells the time of the server from then on, though the own clock is set', async () => {
    const time = new ServerTime();
    const server = 1_234_567_890_123;
    time.compare(() => Promise.resolve(replyAt(server)));
    await Promise.resolve();
    expect(time.now() - server).toBeGreaterThanOrEqual(-1);
    expect(time.now() - server).toBeLessThan(1_000);
    const set = vi.spyOn(Date, 'now').mockReturnValue(5);
    try {
      expect(time.now() - server).toBeLessThan(1_000);
    } finally {
      set.mockRestore();
    }
  });

  it('compares anew after ten seconds by either clock, and after one as long as no answer was good', async () => {
    const steady = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    const wall = vi.spyOn(Date, 'now').mockReturnValue(50_000);
    try {
      const time = new ServerTime();
      let asked = 0;
      const ask = (): Promise<TimeReply> => {
        asked++;
        return Promise.resolve(replyAt(100_000));
      };
      time.compare(() => Promise.reject(new Error('away')));
      await Promise.resolve();
      time.compare(ask);
      expect(asked).toBe(0);
      steady.mockReturnValue(2_000);
      time.compare(ask);
      await Promise.resolve();
      expect(asked).toBe(1);
      steady.mockReturnValue(11_999);
      time.compare(ask);
      expect(asked).toBe(1);
      steady.mockReturnValue(12_000);
      time.compare(ask);
      await Promise.resolve();
      expect(asked).toBe(2);
      wall.mockReturnValue(40_000);
      time.compare(ask);
      expect(asked).toBe(3);
    } finally {
      steady.mockRestore();
      wall.mockRestore();
    }
  });

  it('does not learn from what is no time', async () => {
    const time = new ServerTime();
    time.compare(() => Promise.resolve(['now', 'then']));
    await Promise.resolve();
    expect(Math.abs(time.now() - Date.now())).toBeLessThan(50);
  });

  describe('weighs an answer by how long it was on its way', () => {
    /** Answers of a server whose clock says `server` when the question is half way there and back. */
    async function answered(time: ServerTime, steady: { mockReturnValue(now: number): unknown }, ...answers: Answer[]) {
      for (const { sent, trip, server } of answers) {
        steady.mockReturnValue(sent);
        let reply!: (answer: TimeReply) => void;
        time.compare(() => new Promise((resolve) => (reply = resolve)));
        steady.mockReturnValue(sent + trip);
        reply(replyAt(server));
        await Promise.resolve();
        await Promise.resolve();
      }
    }
    interface Answer {
      readonly sent: number;
      readonly trip: number;
      readonly server: number;
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
      const steady = vi.spyOn(performance, 'now');
      try {
        const time = new ServerTime();
        await answered(time, steady, ...answers);
        expect(time.now()).toBe(expected);
      } finally {
        steady.mockRestore();
      }
    });
  });
});
