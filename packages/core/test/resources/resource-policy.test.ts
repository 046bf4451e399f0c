import { describe, expect, it } from 'vitest';
import { CloseTimeoutError, MissingResourceError } from '../../src/errors.js';
import { deferred } from '../support/deferred.js';
import { Connection, policyFor } from './connections.js';

describe('what has left', () => {
  it('is closed once, in another turn than that in which it has left', async () => {
    const { take, settle, log } = policyFor(true);
    const { value, resource } = take(new Connection('a', log));
    await settle();
    expect(log).toEqual([]);
    resource.left('released');
    resource.left('cleared');
    expect(log).toEqual([]);
    await settle();
    expect(log).toEqual(['close a']);
    expect(value).toBeInstanceOf(Connection);
    resource.left('disposed');
    await settle();
    expect(log).toEqual(['close a']);
  });

  it('is closed by Symbol.asyncDispose rather than Symbol.dispose, as a method, also that of a function', async () => {
    const { take, settle, log } = policyFor(true);
    const both = {
      name: 'both',
      [Symbol.asyncDispose](): void {
        log.push(`asynchronously ${this.name}`);
      },
      [Symbol.dispose](): void {
        log.push(`synchronously ${this.name}`);
      },
    };
    const callable = Object.assign(() => 'callable', { [Symbol.dispose]: () => void log.push('a function') });
    take(both).resource.left('released');
    take(callable).resource.left('released');
    await settle();
    expect(log).toEqual(['asynchronously both', 'a function']);
  });

  it('is closed by the symbols that compilers of using take where the platform has none', async () => {
    const { take, settle, log } = policyFor('*');
    const [asyncDispose, dispose] = [Symbol.for('Symbol.asyncDispose'), Symbol.for('Symbol.dispose')];
    take([
      { [dispose]: () => void log.push('synchronously') },
      { [dispose]: () => void log.push('wrong'), [asyncDispose]: () => void log.push('asynchronously') },
    ]).resource.left('released');
    await settle();
    expect(log).toEqual(['asynchronously', 'synchronously']);
  });

  it('is closed by a function that is told the value and why', async () => {
    const closed: unknown[] = [];
    const { take, settle } = policyFor((value: unknown, why) => void closed.push([value, why]));
    for (const [value, why] of [
      ['one', 'replaced'],
      [undefined, 'released'],
      [3, 'invalidated'],
      [3, 'disposed'],
    ] as const) {
      take(value).resource.left(why);
    }
    await settle();
    expect(closed).toEqual([
      ['one', 'replaced'],
      [undefined, 'released'],
      [3, 'invalidated'],
      [3, 'disposed'],
    ]);
  });

  it('is not changed, frozen or not', async () => {
    const { take, settle, log } = policyFor(['$.a', '$.b']);
    const value = Object.freeze({ a: Object.freeze(new Connection('a', log)), b: new Connection('b', log) });
    const before = Reflect.ownKeys(value).concat(Reflect.ownKeys(value.a));
    const taken = take(value);
    expect(taken.value).toBe(value);
    taken.resource.left('released');
    await settle();
    expect(Reflect.ownKeys(value).concat(Reflect.ownKeys(value.a))).toEqual(before);
  });
});

describe('several parts', () => {
  it('are closed in reverse order, one after the other', async () => {
    const { take, settle, log } = policyFor(['$.a', '$.b', '$.c']);
    const [a, b] = [deferred<void>(), deferred<void>()];
    const value = {
      c: new Connection('c', log),
      b: new Connection('b', log, b.promise),
      a: new Connection('a', log, a.promise),
    };
    take(value).resource.left('released');
    await settle();
    expect(log).toEqual(['close c', 'close b']);
    b.resolve();
    await settle();
    expect(log).toEqual(['close c', 'close b', 'closed b', 'close a']);
    a.resolve();
    await settle();
  });

  it('are all closed, though one fails, and each failure is told with the key', async () => {
    const { take, settle, reports, log } = policyFor('*');
    const [rejected, thrown] = [new Error('rejected'), new Error('thrown')];
    const throwing = {
      [Symbol.dispose]: () => {
        throw thrown;
      },
    };
    take(
      [new Connection('a', log), throwing, new Connection('b', log, Promise.reject(rejected))],
      'clients',
    ).resource.left('cleared');
    await settle();
    expect(log).toEqual(['close b', 'close a']);
    expect(reports).toEqual([
      ['clients', rejected],
      ['clients', thrown],
    ]);
  });

  it('are closed after half a minute though the one before them hangs, which is told', async () => {
    const { take, settle, clock, reports, log } = policyFor('*');
    const hanging = deferred<void>();
    take([new Connection('a', log), new Connection('b', log, hanging.promise)]).resource.left('released');
    await settle();
    expect(clock.pendingTimers).toBe(1);
    expect(clock.pendingBackgroundTimers).toBe(1);
    await clock.advance(29_999);
    expect(log).toEqual(['close b']);
    expect(reports).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['close b', 'close a']);
    expect(reports).toEqual([['key', expect.any(CloseTimeoutError)]]);
    expect(String(reports[0]?.[1])).toBe(
      'CloseTimeoutError: Closing has not ended within 30000 ms. It goes on; what is to be closed after it does not ' +
        'wait any more.',
    );
    hanging.resolve();
    await settle();
    expect(log).toEqual(['close b', 'close a', 'closed b']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tell of a close that failed after it had hung', async () => {
    const { take, clock, reports, log } = policyFor(true);
    const hanging = deferred<void>();
    take(new Connection('a', log, hanging.promise)).resource.left('released');
    await clock.advance(30_000);
    hanging.reject(new Error('reset'));
    await clock.advance(0);
    expect(reports.map(([, error]) => (error as Error).message)).toEqual([
      expect.stringContaining('Closing has not ended'),
      'reset',
    ]);
  });

  it('that are the same are closed once, where the first of them stands', async () => {
    const { take, settle, log } = policyFor('*');
    const shared = new Connection('shared', log);
    take([shared, new Connection('a', log), shared]).resource.left('released');
    await settle();
    expect(log).toEqual(['close a', 'close shared']);
  });
});

describe('what is held', () => {
  it('is closed when the last has let go, which may be said twice', async () => {
    const { take, settle, log } = policyFor(true);
    const { resource } = take(new Connection('a', log));
    const [one, other] = [resource.hold(), resource.hold()];
    resource.left('replaced');
    await settle();
    one?.();
    one?.();
    await settle();
    expect(log).toEqual([]);
    other?.();
    await settle();
    expect(log).toEqual(['close a']);
    other?.();
    await settle();
    expect(log).toEqual(['close a']);
  });

  it('may be held anew until closing begins', async () => {
    const { take, settle, clock, log } = policyFor(true, { closeDelay: 10 });
    const { resource } = take(new Connection('a', log));
    resource.left('released');
    await clock.advance(9);
    const letGo = resource.hold();
    await clock.advance(1_000);
    expect(log).toEqual([]);
    const again = resource.hold();
    letGo?.();
    await settle();
    expect(log).toEqual([]);
    again?.();
    await settle();
    expect(log).toEqual(['close a']);
    expect(resource.hold()).toBe(undefined);
  });

  it('can be held in the turn in which it left, and not while it is being closed', async () => {
    const { take, settle, log } = policyFor('*');
    const closing = deferred<void>();
    const { resource } = take([new Connection('a', log), new Connection('b', log, closing.promise)]);
    resource.left('released');
    const letGo = resource.hold();
    await settle();
    expect(log).toEqual([]);
    letGo?.();
    await settle();
    expect(log).toEqual(['close b']);
    expect(resource.hold()).toBe(undefined);
    closing.resolve();
    await settle();
    expect(log).toEqual(['close b', 'closed b', 'close a']);
  });

  it('and has not left stays open for ever', async () => {
    const { take, clock, log } = policyFor(true);
    const { resource } = take(new Connection('a', log));
    resource.hold()?.();
    await clock.advance('1 day');
    expect(log).toEqual([]);
    resource.left('released');
    await clock.advance(0);
    expect(log).toEqual(['close a']);
  });
});

describe('the delay', () => {
  it('counts from the leaving, in the background', async () => {
    const { take, clock, log } = policyFor(true, { closeDelay: 5_000 });
    const { resource } = take(new Connection('a', log));
    await clock.advance(60_000);
    resource.left('replaced');
    expect(clock.pendingBackgroundTimers).toBe(1);
    await clock.advance(4_999);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['close a']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('of nothing keeps the process alive until the next turn, so that closing begins', async () => {
    const { take, clock, settle, log } = policyFor(true);
    take(new Connection('a', log)).resource.left('released');
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([1, 0]);
    await settle();
    expect(log).toEqual(['close a']);
  });

  it('does not begin anew when a holder lets go', async () => {
    const { take, clock, log } = policyFor(true, { closeDelay: 5_000 });
    const { resource } = take(new Connection('a', log));
    const letGo = resource.hold();
    resource.left('replaced');
    await clock.advance(5_000);
    letGo?.();
    await clock.advance(0);
    expect(log).toEqual(['close a']);
  });
});

describe('the same object in several entries', () => {
  it('is closed after the last of them, with the reason of that', async () => {
    const reasons: string[] = [];
    const { take, settle } = policyFor((_value: unknown, why) => void reasons.push(why));
    const client = {};
    const [one, other, refreshed] = [take(client, 'one'), take(client, 'other'), take(client, 'one')];
    one.resource.left('replaced');
    other.resource.left('released');
    await settle();
    expect(reasons).toEqual([]);
    refreshed.resource.left('invalidated');
    await settle();
    expect(reasons).toEqual(['invalidated']);
  });

  it('is so for all functions together, however each of them closes it', async () => {
    const one = policyFor(true);
    const other = policyFor({ close: () => void one.log.push('close by function') });
    const client = new Connection('client', one.log);
    const [inOne, inOther] = [one.take(client), other.take(client)];
    inOne.resource.left('released');
    await one.settle();
    expect(one.log).toEqual([]);
    inOther.resource.left('released');
    await other.settle();
    expect(one.log).toEqual(['close by function']);
  });

  it('may be held by one that has left, as long as another keeps it', async () => {
    const { take, settle, log } = policyFor(true);
    const client = new Connection('client', log);
    const [gone, kept] = [take(client), take(client)];
    gone.resource.left('released');
    await settle();
    const letGo = gone.resource.hold();
    expect(letGo).toBeDefined();
    kept.resource.left('released');
    await settle();
    expect(log).toEqual([]);
    letGo?.();
    await settle();
    expect(log).toEqual(['close client']);
    expect(gone.resource.hold()).toBe(undefined);
  });

  it('shares parts and closes the others in their order', async () => {
    const { take, settle, log } = policyFor('*');
    const shared = new Connection('shared', log);
    const one = take([new Connection('a', log), shared, new Connection('b', log)]);
    const other = take([shared]);
    one.resource.left('released');
    await settle();
    expect(log).toEqual(['close b', 'close a']);
    expect(one.resource.hold()).toBe(undefined);
    other.resource.left('released');
    await settle();
    expect(log).toEqual(['close b', 'close a', 'close shared']);
  });

  it('is closed again when it was loaded again after it had been closed', async () => {
    const { take, settle, log } = policyFor(true);
    const client = new Connection('client', log);
    take(client).resource.left('released');
    await settle();
    take(client).resource.left('released');
    await settle();
    expect(log).toEqual(['close client', 'close client']);
  });
});

describe('what nobody gets', () => {
  it('is closed at once, whatever the delay', async () => {
    const { policy, settle, log } = policyFor(true, { closeDelay: 60_000 });
    policy.discard('key', new Connection('late', log));
    await settle();
    expect(log).toEqual(['close late']);
  });

  it('is told that it was declined', async () => {
    const log: unknown[] = [];
    const { policy, settle } = policyFor((value: string, why) => void log.push([value, why]));
    policy.discard('key', 'late');
    await settle();
    expect(log).toEqual([['late', 'declined']]);
  });

  it('stays open where an entry keeps the same', async () => {
    const { policy, take, settle, log } = policyFor(true);
    const client = new Connection('client', log);
    const { resource } = take(client);
    policy.discard('key', client);
    await settle();
    expect(log).toEqual([]);
    resource.left('released');
    await settle();
    expect(log).toEqual(['close client']);
  });

  it('is not closed where it would have to be opened first', async () => {
    const log: string[] = [];
    const { policy, settle } = policyFor({ open: () => {}, close: () => void log.push('close') });
    policy.discard('key', {});
    await settle();
    expect(log).toEqual([]);
  });

  it('and cannot be closed, is told', async () => {
    const { policy, settle, reports, log } = policyFor(['$.a', '$.b']);
    policy.discard('key', { b: new Connection('b', log) });
    await settle();
    expect(log).toEqual(['close b']);
    expect(reports).toEqual([['key', expect.any(MissingResourceError)]]);
  });
});
