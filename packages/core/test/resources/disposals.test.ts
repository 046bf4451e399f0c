import { afterEach, describe, expect, it, vi } from 'vitest';
import { disposals, InvalidOptionError } from '../../src/index.js';
import { untilClosed } from '../../src/resources/disposals.js';
import { ManualClock } from '../../src/testing/index.js';
import { deferred, turn } from '../support/deferred.js';
import { Connection, policyFor } from './connections.js';

const forEver = Infinity;

afterEach(async () => {
  vi.resetModules();
  expect(await untilClosed(forEver, new ManualClock())).toBe(true);
});

/** What a promise has come to, `'pending'` as long as it has not. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, turn().then(() => 'pending')]);
}

describe('disposals', () => {
  it('has nothing to wait for where nothing has left', async () => {
    const { take, log, settle } = policyFor(true);
    const { resource } = take(new Connection('kept', log));
    expect(await disposals()).toBe(true);
    expect(await disposals(0)).toBe(true);
    resource.left('released');
    await settle();
    await disposals();
    expect(log).toEqual(['close kept']);
  });

  it('waits for what is being closed, however long that takes', async () => {
    const { take, log, clock, settle } = policyFor(true);
    const closing = deferred<void>();
    take(new Connection('a', log, closing.promise)).resource.left('released');
    await settle();
    const waiting = disposals();
    await clock.advance('1 hour');
    expect(await outcomeOf(waiting)).toBe('pending');
    closing.resolve();
    expect(await waiting).toBe(true);
    expect(log).toEqual(['close a', 'closed a']);
  });

  it('waits for delays without hastening them, and for those who hold something that has left', async () => {
    const { take, log, clock } = policyFor(true, { closeDelay: 1_000 });
    const { resource } = take(new Connection('a', log));
    const letGo = resource.hold();
    resource.left('released');
    const waiting = disposals();
    await clock.advance(999);
    expect(await outcomeOf(waiting)).toBe('pending');
    await clock.advance(1);
    expect(await outcomeOf(waiting)).toBe('pending');
    expect(log).toEqual([]);
    letGo?.();
    expect(await waiting).toBe(true);
    expect(log).toEqual(['close a']);
  });

  it('waits for every part, and for what leaves meanwhile', async () => {
    const { take, log, settle } = policyFor('*');
    const [first, second, later] = [deferred<void>(), deferred<void>(), deferred<void>()];
    take([new Connection('a', log, first.promise), new Connection('b', log, second.promise)]).resource.left('cleared');
    await settle();
    const waiting = disposals();
    second.resolve();
    expect(await outcomeOf(waiting)).toBe('pending');
    take([new Connection('c', log, later.promise)]).resource.left('cleared');
    await settle();
    first.resolve();
    expect(await outcomeOf(waiting)).toBe('pending');
    later.resolve();
    expect(await waiting).toBe(true);
  });

  it('waits for what failed to close only as long as that took', async () => {
    const { take, log, settle } = policyFor(true);
    take(new Connection('a', log, Promise.reject(new Error('refused')))).resource.left('cleared');
    await settle();
    expect(await disposals()).toBe(true);
  });

  it('does not wait for what another entry still keeps', async () => {
    const { take, log, settle } = policyFor(true);
    const client = new Connection('client', log);
    const [gone, kept] = [take(client), take(client)];
    gone.resource.left('released');
    await settle();
    expect(await disposals()).toBe(true);
    expect(log).toEqual([]);
    const letGo = gone.resource.hold();
    kept.resource.left('released');
    await settle();
    expect(await outcomeOf(disposals())).toBe('pending');
    letGo?.();
    expect(await disposals()).toBe(true);
    expect(log).toEqual(['close client']);
  });

  it('waits for a close that hangs, though others do not any more', async () => {
    const { take, log, clock, settle } = policyFor('*');
    const hanging = deferred<void>();
    take([new Connection('a', log), new Connection('b', log, hanging.promise)]).resource.left('cleared');
    await settle();
    await clock.advance('1 minute');
    expect(log).toEqual(['close b', 'close a']);
    const waiting = disposals();
    expect(await outcomeOf(waiting)).toBe('pending');
    hanging.resolve();
    expect(await waiting).toBe(true);
  });

  it('answers false when its time is over, and leaves no timer and nobody waiting', async () => {
    const { take, log, settle } = policyFor(true);
    const clock = new ManualClock();
    const closing = deferred<void>();
    take(new Connection('a', log, closing.promise)).resource.left('released');
    await settle();
    const days = 2 * 86_400_000 + 5;
    const [patient, impatient] = [untilClosed(days, clock), untilClosed(10, clock)];
    await clock.advance(9);
    expect(await outcomeOf(impatient)).toBe('pending');
    await clock.advance(1);
    expect(await impatient).toBe(false);
    await clock.advance(days - 11);
    expect(await outcomeOf(patient)).toBe('pending');
    await clock.advance(1);
    expect(await patient).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    expect(Reflect.get(globalThis, Symbol.for('@memo/disposals/1'))).toEqual({ count: 1, waiting: new Set() });
    closing.resolve();
    await disposals();
  });

  it('keeps the process alive for as long as somebody waits, without a timeout, too', async () => {
    const { take, log, settle } = policyFor(true);
    const clock = new ManualClock();
    const closing = deferred<void>();
    take(new Connection('a', log, closing.promise)).resource.left('released');
    await settle();
    const waiting = untilClosed(forEver, clock);
    await clock.advance('3 days');
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([1, 0]);
    closing.resolve();
    expect(await waiting).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for what other copies of the package close', async () => {
    const { take, log, settle } = policyFor(true);
    const closing = deferred<void>();
    const { resource } = take(new Connection('a', log, closing.promise));
    vi.resetModules();
    const copy = await import('../../src/resources/disposals.js');
    expect(copy.disposals).not.toBe(disposals);
    resource.left('released');
    await settle();
    const waiting = copy.disposals();
    expect(await outcomeOf(waiting)).toBe('pending');
    closing.resolve();
    expect(await waiting).toBe(true);
  });

  it('counts users together with other copies of the package', async () => {
    const { take, log, settle } = policyFor(true);
    const client = new Connection('client', log);
    const { resource } = take(client);
    vi.resetModules();
    const copy = await import('./connections.js');
    const other = copy.policyFor(true);
    const inCopy = other.take(client);
    expect(inCopy.resource.constructor).not.toBe(resource.constructor);
    resource.left('released');
    await settle();
    await settle();
    expect(log).toEqual([]);
    inCopy.resource.left('released');
    await other.settle();
    await settle();
    expect(log).toEqual(['close client']);
  });

  it('refuses what is no duration', async () => {
    const wrong = disposals('30');
    await expect(wrong).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(wrong).rejects.toThrow(/^disposals: option 'timeout' should be a duration such as '10 minutes'/);
  });
});
