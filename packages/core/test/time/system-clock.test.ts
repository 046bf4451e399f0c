import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/time/clock.js';
import { systemClock } from '../../src/time/system-clock.js';
import { turn } from '../support/deferred.js';

const day = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 5_000 }));
  afterEach(() => void vi.useRealTimers());

  it('tells the time of the computer', () => {
    expect(systemClock.now()).toBe(5_000);
    vi.advanceTimersByTime(10);
    expect(systemClock.now()).toBe(5_010);
  });

  it('rings once, when the delay is over', () => {
    const ring = vi.fn();
    systemClock.setTimer(ring, 100);
    vi.advanceTimersByTime(99);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('does not ring once it was cancelled', () => {
    const ring = vi.fn();
    const cancel = systemClock.setTimer(ring, 100);
    cancel();
    cancel();
    vi.advanceTimersByTime(1_000);
    expect(ring).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps delays beyond the 24.8 days of setTimeout', () => {
    const ring = vi.fn();
    systemClock.setTimer(ring, 60 * day);
    vi.advanceTimersByTime(60 * day - 1);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('cancels a long delay also in its second stretch', () => {
    const ring = vi.fn();
    const cancel = systemClock.setTimer(ring, 60 * day);
    vi.advanceTimersByTime(30 * day);
    cancel();
    vi.advanceTimersByTime(60 * day);
    expect(ring).not.toHaveBeenCalled();
  });

  it('sets no timer that never rings', () => {
    const cancel = systemClock.setTimer(() => {}, Infinity);
    expect(vi.getTimerCount()).toBe(0);
    cancel();
  });
});

describe('systemClock in a runtime', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('lets the process end before a background timer, and not before another one', () => {
    const timeout = { unref: vi.fn() };
    vi.stubGlobal('setTimeout', () => timeout);
    systemClock.setTimer(() => {}, 10);
    expect(timeout.unref).not.toHaveBeenCalled();
    systemClock.setTimer(() => {}, 10, { background: true });
    expect(timeout.unref).toHaveBeenCalledOnce();
  });

  it('sets background timers also where a timeout is a number', () => {
    vi.stubGlobal('setTimeout', () => 7);
    const clearTimeout = vi.fn();
    vi.stubGlobal('clearTimeout', clearTimeout);
    systemClock.setTimer(() => {}, 10, { background: true })();
    expect(clearTimeout).toHaveBeenCalledWith(7);
  });
});

/** A timer of a platform that a test rings by hand. */
interface Timeout {
  readonly ring: () => void;
  readonly delay: number;
  readonly unref: () => void;
}

describe('timers of one turn', () => {
  let clock: Clock;
  /** Those of the platform that are neither stopped nor rung, and those of them that keep no process alive. */
  const pending = new Set<Timeout>();
  const background = new Set<Timeout>();
  const delays = (): readonly number[] => [...pending].map(({ delay }) => delay);

  /** What has been thrown is where the platform would hear of it. */
  const thrown: unknown[] = [];
  const hear = (error: unknown): void => void thrown.push(error);
  const ringAll = async (): Promise<void> => {
    for (const timeout of [...pending]) {
      pending.delete(timeout);
      timeout.ring();
    }
    await turn();
  };

  beforeEach(async () => {
    pending.clear();
    background.clear();
    thrown.length = 0;
    vi.stubGlobal('setTimeout', (ring: () => void, delay: number) => {
      const timeout: Timeout = { ring, delay, unref: () => void background.add(timeout) };
      pending.add(timeout);
      return timeout;
    });
    vi.stubGlobal('clearTimeout', (timeout: Timeout) => pending.delete(timeout));
    // Loaded anew, so that these are the timers of the platform for it.
    vi.resetModules();
    ({ systemClock: clock } = await import('../../src/time/system-clock.js'));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('are started in the next, and those that ring together are one', async () => {
    const ring = vi.fn();
    for (let count = 0; count < 1_000; count++) clock.setTimer(ring, 500);
    clock.setTimer(ring, 700);
    expect(delays()).toEqual([]);
    await turn();
    expect(delays()).toEqual([500, 700]);
    await ringAll();
    expect(ring).toHaveBeenCalledTimes(1_001);
    expect(delays()).toEqual([]);
  });

  it('are as many of the platform as there are milliseconds, whatever their delays', async () => {
    for (let count = 0; count < 10_000; count++) clock.setTimer(() => {}, 400 + count / 10_000);
    await turn();
    expect(delays()).toEqual([400, 401]);
  });

  it('are each looked for once, however many delays there are', async () => {
    const looks = vi.spyOn(Map.prototype, 'get');
    const walks = [vi.spyOn(Array.prototype, 'find'), vi.spyOn(Map.prototype, 'values')];
    for (let delay = 100; delay < 1_100; delay++) clock.setTimer(() => {}, delay);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(1_000);
    expect(walks.map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    vi.restoreAllMocks();
    await turn();
    expect(delays()).toHaveLength(1_000);
  });

  it('never ring before their delay is over', async () => {
    clock.setTimer(() => {}, 99.2);
    await turn();
    expect(delays()).toEqual([100]);
  });

  it('are not started at all where all are stopped before', async () => {
    const stops = [clock.setTimer(() => {}, 500), clock.setTimer(() => {}, 500)];
    for (const stop of stops) stop();
    await turn();
    expect(delays()).toEqual([]);
  });

  it('ring each once, in order, but for those that are stopped', async () => {
    const rung: string[] = [];
    const ring = (name: string) => (): void => void rung.push(name);
    clock.setTimer(ring('first'), 500);
    const stopBefore = clock.setTimer(ring('stopped before'), 500);
    const stopAfter = clock.setTimer(ring('stopped after'), 500);
    clock.setTimer(ring('last'), 500);
    stopBefore();
    await turn();
    stopAfter();
    stopAfter();
    await ringAll();
    await ringAll();
    expect(rung).toEqual(['first', 'last']);
  });

  it('are stopped with the last of them', async () => {
    const stops = [clock.setTimer(() => {}, 500), clock.setTimer(() => {}, 500)];
    await turn();
    stops[0]?.();
    stops[0]?.();
    expect(delays()).toEqual([500]);
    stops[1]?.();
    expect(delays()).toEqual([]);
  });

  it('count the same function as often as it is asked for', async () => {
    const ring = vi.fn();
    const stop = clock.setTimer(ring, 500);
    clock.setTimer(ring, 500);
    stop();
    await turn();
    await ringAll();
    expect(ring).toHaveBeenCalledOnce();
  });

  it('may stop one another', async () => {
    const ring = vi.fn();
    let stop = (): void => {};
    clock.setTimer(() => stop(), 500);
    stop = clock.setTimer(ring, 500);
    await turn();
    await ringAll();
    expect(ring).not.toHaveBeenCalled();
  });

  it('ring also where one of them throws', async () => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', hear);
    try {
      const ring = vi.fn();
      clock.setTimer(() => {
        throw new Error('thrown by a timer');
      }, 500);
      clock.setTimer(ring, 500);
      await turn();
      await ringAll();
      expect(ring).toHaveBeenCalledOnce();
      expect(thrown.map(String)).toEqual(['Error: thrown by a timer']);
    } finally {
      process.off('uncaughtException', hear);
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  it('keep the process alive, but for those in the background', async () => {
    clock.setTimer(() => {}, 500);
    clock.setTimer(() => {}, 500, { background: true });
    await turn();
    expect(delays()).toEqual([500, 500]);
    expect(background.size).toBe(1);
  });

  it('are started at once where they are short', () => {
    clock.setTimer(() => {}, 19);
    expect(delays()).toEqual([19]);
  });

  it('are started also after a test has replaced immediates', async () => {
    const { setImmediate } = globalThis;
    globalThis.setImmediate = (() => 0) as never;
    clock.setTimer(() => {}, 500);
    globalThis.setImmediate = setImmediate;
    clock.setTimer(() => {}, 500);
    clock.setTimer(() => {}, 600);
    await turn();
    expect(delays()).toEqual([500, 600]);
  });

  it('are started at once where there are no immediates, or timers have been replaced', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const { systemClock: lonely } = await import('../../src/time/system-clock.js');
    lonely.setTimer(() => {}, 500);
    expect(delays()).toEqual([500]);
    const { setTimeout } = globalThis;
    vi.stubGlobal('setTimeout', (ring: () => void, delay: number) => setTimeout(ring, delay));
    clock.setTimer(() => {}, 600);
    expect(delays()).toEqual([500, 600]);
  });
});
