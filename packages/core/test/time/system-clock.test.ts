import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/time/system-clock.js';

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
