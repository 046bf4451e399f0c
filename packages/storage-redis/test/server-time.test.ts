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

  it('compares anew after ten seconds by either clock, and at once after a failure, but not before', async () => {
    const steady = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    const wall = vi.spyOn(Date, 'now').mockReturnValue(50_000);
    try {
      const time = new ServerTime();
      let asked = 0;
      const ask = (): Promise<TimeReply> => {
        asked++;
        return Promise.resolve(replyAt(100_000));
      };
      time.compare(ask);
      time.compare(ask);
      expect(asked).toBe(1);
      steady.mockReturnValue(10_999);
      time.compare(ask);
      expect(asked).toBe(1);
      steady.mockReturnValue(11_000);
      time.compare(ask);
      expect(asked).toBe(2);
      wall.mockReturnValue(40_000);
      time.compare(ask);
      expect(asked).toBe(3);
      wall.mockReturnValue(60_000);
      time.compare(() => Promise.reject(new Error('away')));
      await Promise.resolve();
      await Promise.resolve();
      time.compare(ask);
      expect(asked).toBe(4);
    } finally {
      steady.mockRestore();
      wall.mockRestore();
    }
  });

  it('does not learn from what is no time, nor from an answer that was long on its way', async () => {
    const steady = vi.spyOn(performance, 'now').mockReturnValue(0);
    try {
      const time = new ServerTime();
      time.compare(() => Promise.resolve(['now', 'then']));
      await Promise.resolve();
      expect(Math.abs(time.now() - Date.now())).toBeLessThan(50);

      steady.mockReturnValue(20_000);
      time.compare(() => Promise.resolve(replyAt(100_000)));
      await Promise.resolve();
      expect(time.now()).toBe(100_000);

      steady.mockReturnValue(40_000);
      time.compare(() => Promise.resolve(replyAt(900_000)));
      steady.mockReturnValue(40_101);
      await Promise.resolve();
      expect(time.now()).toBe(120_101);
    } finally {
      steady.mockRestore();
    }
  });
});
