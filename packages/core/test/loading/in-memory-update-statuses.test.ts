import { InMemoryUpdateStatuses, type CacheEntry, type Update } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';

const entry: CacheEntry = { value: 'v', created: 0, updateAfter: 1, expiresAfter: 2 };

function statuses(options: object = {}) {
  const clock = new ManualClock();
  return { clock, table: new InMemoryUpdateStatuses({ clock, ...options }) };
}

describe('InMemoryUpdateStatuses', () => {
  it('knows no update at first', () => {
    expect(statuses().table.isBeingUpdated('key')).toBe(false);
  });

  it('knows the update from marking to its end, well or not', () => {
    const { table } = statuses();
    const first = table.markBeingUpdated('key');
    expect(table.isBeingUpdated('key')).toBe(true);
    expect([...table.keys()]).toEqual(['key']);
    table.markUpdated(first, entry);
    expect(table.isBeingUpdated('key')).toBe(false);
    table.markUpdateAborted(table.markBeingUpdated('key'), new Error('down'));
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('refuses to mark twice, to end twice, and to wait for nothing (M61)', () => {
    const { table } = statuses();
    const update = table.markBeingUpdated('key');
    expect(() => table.markBeingUpdated('key')).toThrow('Key "key" is already being updated');
    table.markUpdated(update, entry);
    expect(() => table.markUpdated(update, entry)).toThrow('Key "key" is not being updated');
    expect(() => table.markUpdateAborted(update, new Error('down'))).toThrow('Key "key" is not being updated');
    expect(() => table.awaitUpdated('key')).toThrow('Key "key" is not being updated');
    const foreign: Update = { key: 'other', isAttached: () => true };
    expect(() => table.markUpdated(foreign, entry)).toThrow('Key "other" is not being updated');
  });

  it('gives everyone who waits the entry, or the error as a result', async () => {
    const { table } = statuses();
    const update = table.markBeingUpdated('key');
    const waiting = [table.awaitUpdated('key'), table.awaitUpdated('key'), table.awaitUpdated('key')];
    table.markUpdated(update, entry);
    expect(await Promise.all(waiting)).toEqual([entry, entry, entry]);

    const failing = table.markBeingUpdated('key');
    const disappointed = [table.awaitUpdated('key'), table.awaitUpdated('key'), table.awaitUpdated('key')];
    const error = new Error('down');
    table.markUpdateAborted(failing, error);
    expect(await Promise.all(disappointed)).toEqual([error, error, error]);
  });

  it('frees the key after the lock timeout and tells those who waited why (M62)', async () => {
    const { table, clock } = statuses({ lockTimeout: '1 minute' });
    const update = table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    await clock.advance('1 minute');
    expect(table.isBeingUpdated('key')).toBe(false);
    expect(update.isAttached()).toBe(false);
    expect(await waiting).toMatchObject({
      code: 'UPDATE_LOCK_TIMEOUT',
      message:
        'The update of key "key" did not end within the lock timeout of 60000 ms, so nobody waits for it any more. ' +
        `The lock timeout should be longer than the option 'timeout' and the storage's deadline together.`,
    });
  });

  it('lets a leader come late, and keeps its outcome from the leader after it (mends M63)', async () => {
    const { table, clock } = statuses({ lockTimeout: '1 minute' });
    const late = table.markBeingUpdated('key');
    await clock.advance('1 minute');
    const next = table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    table.markUpdated(late, { ...entry, value: 'late' });
    expect(table.isBeingUpdated('key')).toBe(true);
    table.markUpdated(next, entry);
    expect(await waiting).toBe(entry);
    expect(() => table.markUpdated(late, entry)).toThrow('Key "key" is not being updated');
  });

  it('holds a key for five minutes where nothing is said', async () => {
    const { table, clock } = statuses();
    table.markBeingUpdated('key');
    await clock.advance(299_999);
    expect(table.isBeingUpdated('key')).toBe(true);
    await clock.advance(1);
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('leaves no timer behind, and none that keeps the process alive (mends M64)', () => {
    const { table, clock } = statuses();
    const update = table.markBeingUpdated('key');
    expect(clock.pendingTimers).toBe(clock.pendingBackgroundTimers);
    table.markUpdated(update, entry);
    table.markUpdateAborted(table.markBeingUpdated('key'), new Error('down'));
    expect(clock.pendingTimers).toBe(0);
  });

  it('detaches: nobody else may join, those who wait get the outcome', async () => {
    const { table, clock } = statuses();
    expect(table.detach('key')).toBe(false);
    const update = table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    expect(table.detach('key')).toBe(true);
    expect(table.isBeingUpdated('key')).toBe(false);
    expect(update.isAttached()).toBe(false);
    const next = table.markBeingUpdated('key');
    table.markUpdated(update, entry);
    expect(await waiting).toBe(entry);
    expect(table.isBeingUpdated('key')).toBe(true);
    table.markUpdated(next, entry);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not let those wait for ever who wait for a detached update', async () => {
    const { table, clock } = statuses({ lockTimeout: '1 minute' });
    table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    table.detach('key');
    await clock.advance('1 minute');
    expect(await waiting).toMatchObject({ code: 'UPDATE_LOCK_TIMEOUT' });
  });

  it('refuses a lock timeout that is no duration', () => {
    expect(() => new InMemoryUpdateStatuses({ lockTimeout: -1 })).toThrow(
      /InMemoryUpdateStatuses: option 'lockTimeout'/,
    );
  });
});
