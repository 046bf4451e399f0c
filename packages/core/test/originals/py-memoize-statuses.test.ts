import { type CacheEntry, InMemoryUpdateStatuses } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';

const entry: CacheEntry = { value: 'value', created: 0, updateAfter: 1, expiresAfter: 2 };

function statuses() {
  const clock = new ManualClock();
  return { clock, statuses: new InMemoryUpdateStatuses({ lockTimeout: '1 minute', clock }) };
}

/** An update that has ended: whoever ends it again finds that nothing is being updated. */
function endedUpdate() {
  const { statuses: table } = statuses();
  const update = table.markBeingUpdated('key');
  table.markUpdated(update, entry);
  return { table, update };
}

describe('py-memoize test_statuses', () => {
  it('should_not_be_updating: at first', () => {
    expect(statuses().statuses.isBeingUpdated('key')).toBe(false);
  });

  it('should_be_updating: one key, and no other', () => {
    const { statuses: table } = statuses();
    table.markBeingUpdated('key');
    expect([table.isBeingUpdated('key'), table.isBeingUpdated('other')]).toEqual([true, false]);
  });

  it('should_raise_exception_during_marked_as_being_updated: if it is already', () => {
    const { statuses: table } = statuses();
    table.markBeingUpdated('key');
    expect(() => table.markBeingUpdated('key')).toThrow('Key "key" is already being updated');
  });

  it('should_be_marked_as_being_updated: and may be so again once it has ended', () => {
    const { table } = endedUpdate();
    const update = table.markBeingUpdated('key');
    expect(update.key).toBe('key');
    expect(table.isBeingUpdated('key')).toBe(true);
  });

  it('should_raise_exception_during_be_mark_as_updated: if it is not being updated', () => {
    const { table, update } = endedUpdate();
    expect(() => table.markUpdated(update, entry)).toThrow('Key "key" is not being updated');
  });

  it('should_be_mark_as_updated', () => {
    const { table } = endedUpdate();
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('should_raise_exception_during_mark_update_as_aborted: if it is not being updated', () => {
    const { table, update } = endedUpdate();
    expect(() => table.markUpdateAborted(update, new Error('stub'))).toThrow('Key "key" is not being updated');
  });

  it('should_mark_update_as_aborted', () => {
    const { statuses: table } = statuses();
    table.markUpdateAborted(table.markBeingUpdated('key'), new Error('stub'));
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('should_raise_exception_during_await_updated: if it is not being updated', () => {
    const { statuses: table } = statuses();
    expect(() => table.awaitUpdated('key')).toThrow('Key "key" is not being updated');
  });

  it('should_raise_timeout_exception_during_await_updated: the key is free, and those who waited hear why', async () => {
    const { statuses: table, clock } = statuses();
    table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    await clock.advance('1 minute');
    expect(await waiting).toMatchObject({ code: 'UPDATE_LOCK_TIMEOUT', context: { key: 'key', timeout: 60_000 } });
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('should_await_updated_return_entry', async () => {
    const { statuses: table } = statuses();
    const update = table.markBeingUpdated('key');
    const waiting = table.awaitUpdated('key');
    table.markUpdated(update, entry);
    expect(await waiting).toBe(entry);
    expect(table.isBeingUpdated('key')).toBe(false);
  });

  it('concurrent_callers_should_all_get_exception_on_aborted_update: as a result', async () => {
    const { statuses: table } = statuses();
    const update = table.markBeingUpdated('key');
    const waiting = [table.awaitUpdated('key'), table.awaitUpdated('key'), table.awaitUpdated('key')];
    const error = new Error('stub');
    table.markUpdateAborted(update, error);
    for (const outcome of await Promise.all(waiting)) expect(outcome).toBe(error);
    expect(table.isBeingUpdated('key')).toBe(false);
  });
});
