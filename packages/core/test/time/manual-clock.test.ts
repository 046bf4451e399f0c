import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.js';

describe('ManualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new ManualClock(1_000);
    expect(clock.now()).toBe(1_000);
    await clock.advance('2 seconds');
    expect(clock.now()).toBe(3_000);
  });

  it('rings each timer at its own moment, in order, those of one moment as they were set', async () => {
    const clock = new ManualClock();
    const rung: string[] = [];
    const ringAt = (delay: number, name: string): void => {
      clock.setTimer(() => rung.push(`${name} at ${clock.now()}`), delay);
    };
    ringAt(30, 'third');
    ringAt(10, 'first');
    ringAt(10, 'second');
    ringAt(31, 'later');
    await clock.advance(30);
    expect(rung).toEqual(['first at 10', 'second at 10', 'third at 30']);
    await clock.advance(1);
    expect(rung.at(-1)).toBe('later at 31');
  });

  it('rings timers that are set while it advances', async () => {
    const clock = new ManualClock();
    const rung: number[] = [];
    const again = (): void => {
      rung.push(clock.now());
      clock.setTimer(again, 10);
    };
    clock.setTimer(again, 10);
    await clock.advance(35);
    expect(rung).toEqual([10, 20, 30]);
  });

  it('lets code that awaits many promises go on before, between and after', async () => {
    const clock = new ManualClock();
    const pass = async (turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    };
    const sleep = (delay: number) => new Promise<void>((resolve) => void clock.setTimer(resolve, delay));
    const moments: number[] = [];
    void (async () => {
      await pass(100);
      await sleep(10);
      await pass(100);
      moments.push(clock.now());
      await sleep(10);
      await pass(100);
      moments.push(clock.now());
    })();
    await clock.advance(20);
    expect(moments).toEqual([10, 20]);
  });

  it('does not ring a cancelled timer', async () => {
    const clock = new ManualClock();
    let rung = 0;
    const cancel = clock.setTimer(() => rung++, 10);
    cancel();
    await clock.advance(100);
    cancel();
    expect(rung).toBe(0);
  });

  it('counts the timers that have not rung', async () => {
    const clock = new ManualClock();
    clock.setTimer(() => {}, 10);
    clock.setTimer(() => {}, 20, { background: true });
    clock.setTimer(() => {}, Infinity);
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([2, 1]);
    await clock.advance(10);
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([1, 1]);
    await clock.advance(10);
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([0, 0]);
  });

  it('can be set to another moment, which neither rings nor delays a timer', async () => {
    const clock = new ManualClock(1_000);
    let rungAt: number | undefined;
    clock.setTimer(() => (rungAt = clock.now()), 10);
    clock.set(900);
    await clock.advance(9);
    expect(rungAt).toBeUndefined();
    await clock.advance(1);
    expect(rungAt).toBe(910);
    clock.set(5_000);
    expect(clock.now()).toBe(5_000);
  });

  it('hands over what a timer throws', async () => {
    const clock = new ManualClock();
    clock.setTimer(() => {
      throw new Error('rang badly');
    }, 10);
    await expect(clock.advance(20)).rejects.toThrow('rang badly');
  });

  it('refuses to advance for ever or by what is no duration', async () => {
    const clock = new ManualClock();
    await expect(clock.advance(Infinity)).rejects.toThrow(
      'ManualClock.advance: expected a finite duration, got Infinity.',
    );
    await expect(clock.advance('5')).rejects.toThrow(
      `ManualClock.advance: option 'duration' should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got "5". A number in text says no unit: write '5 seconds' or '5 ms'.`,
    );
  });
});
