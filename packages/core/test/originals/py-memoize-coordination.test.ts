import {
  type CacheEntry,
  InMemoryUpdateStatuses,
  LocalInMemoryCacheStorage,
  memoize,
  type Update,
  type UpdateOutcome,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { outcomeOf } from './cache-under-test.js';
import { asAnotherProcess } from './another-process.js';
import { memo } from './memo-under-test.js';
import { pyMemoize } from './py-memoize-model.js';

const entry: CacheEntry = { value: 'value', created: 0, updateAfter: 1, expiresAfter: 2 };

describe('rows of py-memoize: who loads', () => {
  it('M60: a table of loads is asked and told, and what went wrong is a result in it, never a rejection', async () => {
    const table = new NotedTable();
    const source = slowSource();
    const cached = memoize(source.call, { updateStatuses: table });
    const calls = [cached('a'), cached('a')].map(outcomeOf);
    await turn();
    source.answer('value');
    expect(await Promise.all(calls)).toEqual(['value', 'value']);
    expect(table.told.splice(0)).toEqual(['markBeingUpdated', 'awaitUpdated', 'markUpdated']);

    const failing = [cached('b'), cached('b')].map(outcomeOf);
    await turn();
    const waiting = table.awaitUpdated([...table.keys()][0] ?? '');
    source.fail(new Error('down'));
    for (const outcome of await Promise.all(failing)) expect(outcome).toBe('CachedMethodFailedError from Error: down');
    expect(await waiting).toMatchObject({ name: 'CachedMethodFailedError', cause: new Error('down') });
    expect(table.told).toEqual(['markBeingUpdated', 'awaitUpdated', 'awaitUpdated', 'markUpdateAborted']);
  });

  it('M61: the table is strict, and says which key and what it is', () => {
    const table = new InMemoryUpdateStatuses();
    expect(() => table.awaitUpdated('key')).toThrow('Key "key" is not being updated');
    const update = table.markBeingUpdated('key');
    expect(() => table.markBeingUpdated('key')).toThrow('Key "key" is already being updated');
    table.markUpdated(update, entry);
    expect(() => table.markUpdated(update, entry)).toThrow('Key "key" is not being updated');
    expect(() => table.markUpdateAborted(update, new Error('late'))).toThrow('Key "key" is not being updated');
  });

  it('M62: a key is held for 5 minutes from the mark on, and waiting for it does not make that longer', async () => {
    const clock = new ManualClock();
    const table = new InMemoryUpdateStatuses({ clock });
    table.markBeingUpdated('key');
    await clock.advance('4 minutes 59 seconds');
    const waiting = table.awaitUpdated('key');
    expect(table.isBeingUpdated('key')).toBe(true);
    await clock.advance('1 second');
    expect(table.isBeingUpdated('key')).toBe(false);
    expect(await waiting).toMatchObject({ code: 'UPDATE_LOCK_TIMEOUT', context: { key: 'key', timeout: 300_000 } });
  });

  it('M65: functions that share a storage share who loads, by key', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const source = slowSource();
    const [one, other] = [memo.wrap(source.call, { storage }), memo.wrap(source.call, { storage })];
    const calls = [one.call('a'), other.call('a'), other.call('b')];
    await turn();
    expect(source.calls).toEqual([['a'], ['b']]);
    source.answer('of a');
    source.answer('of b');
    expect(await Promise.all(calls)).toEqual(['of a', 'of a', 'of b']);
  });
});

describe('rows of py-memoize: invalidation', () => {
  it('M95: there is a bulk invalidation: of one function, also of what another process is loading', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const source = slowSource();
    const here = memoize(source.call, { name: 'source', storage });
    const there = memoize(source.call, { name: 'source', storage: asAnotherProcess(storage) });
    const neighbour = memoize(async () => 'neighbour', { name: 'source*', storage });
    await neighbour();
    const early = there('a');
    await turn();
    await here.clear();
    source.answer('old');
    expect(await early).toBe('old');
    const late = there('a');
    await turn();
    source.answer('new');
    expect(await late).toBe('new');
    expect(await neighbour.exists([])).toBe(true);
  });
});

describe.each([
  [memo.name, memo],
  [pyMemoize.name, pyMemoize],
])('rows of py-memoize that are kept: %s', (_, cache) => {
  it('M62: a key whose update takes longer than the lock timeout may be loaded by the next who asks', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = cache.wrap(source.call, { clock, timeout: Infinity, lockTimeout: '1 minute' });
    void cached.call('a');
    await clock.advance(59_999);
    void cached.call('a');
    await turn();
    expect(source.calls.length).toBe(1);
    await clock.advance(1);
    void cached.call('a');
    await turn();
    expect(source.calls.length).toBe(2);
  });

  it('M90: what is invalidated by its arguments is loaded anew, and what is not there needs no care', async () => {
    const invalidation = cache.invalidation();
    const cached = cache.wrap(counter().call, { invalidation });
    await invalidation.invalidateForArguments(['a']);
    expect(await cached.call('a')).toBe('value 1');
    await invalidation.invalidateForArguments(['a', 'b']);
    expect(await cached.call('a')).toBe('value 1');
    await invalidation.invalidateForArguments(['a']);
    expect(await cached.call('a')).toBe('value 2');
  });

  it('M92: an invalidation that belongs to no function says so', async () => {
    await expect(cache.invalidation().invalidateForArguments(['a'])).rejects.toThrow(/^Uninitialized: .* pass/i);
  });
});

/** A table of loads that tells what it is told, and who waits. */
class NotedTable extends InMemoryUpdateStatuses {
  readonly told: string[] = [];

  override markBeingUpdated(key: string): Update {
    this.told.push('markBeingUpdated');
    return super.markBeingUpdated(key);
  }

  override markUpdated(update: Update, updated: CacheEntry): void {
    this.told.push('markUpdated');
    super.markUpdated(update, updated);
  }

  override markUpdateAborted(update: Update, error: Error): void {
    this.told.push('markUpdateAborted');
    super.markUpdateAborted(update, error);
  }

  override awaitUpdated(key: string): Promise<UpdateOutcome> {
    this.told.push('awaitUpdated');
    return super.awaitUpdated(key);
  }
}
