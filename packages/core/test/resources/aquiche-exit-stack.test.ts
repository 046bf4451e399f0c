/**
 * aquiche's tests of its exit stack, by their names, and its defects in it by their rows. Where it answers otherwise than
 * memo, the reason stands beside.
 */
import { describe, expect, it } from 'vitest';
import { clearAll, disposals, memoize } from '../../src/index.js';
import { untilClosed } from '../../src/resources/disposals.js';
import { ManualClock } from '../../src/testing/index.js';
import { deferred, turn } from '../support/deferred.js';
import { Connection, failureOf, policyFor, type Log } from './connections.js';

/** A client as in the tests of aquiche: it counts how often it was entered and left. */
class Client {
  opened = 0;
  closed = 0;
  open(): this {
    this.opened++;
    return this;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++;
  }
}

const openAndClose = {
  open: (client: Client) => client.open(),
  close: (client: Client) => client[Symbol.asyncDispose](),
};

describe('wrap_async_exit_stack', () => {
  it('wrap: is opened once, and closed once by clear_all', async () => {
    const client = new Client();
    const cached = memoize(async () => client, { dispose: openAndClose });
    expect([await cached(), await cached(), await cached()]).toEqual([client, client, client]);
    expect(client).toMatchObject({ opened: 1, closed: 0 });
    await clearAll();
    expect(await disposals('10 seconds')).toBe(true);
    expect(client).toMatchObject({ opened: 1, closed: 1 });
  });

  it('delay_cancel: is not closed before the delay is over; yet nothing cancels the closing (Q87 is not offered)', async () => {
    const clock = new ManualClock();
    const client = new Client();
    const cached = memoize(async () => client, { dispose: openAndClose, closeDelay: '2 seconds', clock });
    await cached();
    await cached.clear();
    await clock.advance('1999 milliseconds');
    expect(client).toMatchObject({ opened: 1, closed: 0 });
    await clock.advance('1 millisecond');
    expect(client).toMatchObject({ opened: 1, closed: 1 });
  });

  it('delay_await: is closed after the delay, for which one can wait', async () => {
    const clock = new ManualClock();
    const client = new Client();
    const cached = memoize(async () => client, { dispose: openAndClose, closeDelay: '2 seconds', clock });
    await cached();
    await cached.clear();
    const waiting = disposals();
    expect(client.closed).toBe(0);
    await clock.advance('2 seconds');
    expect(await waiting).toBe(true);
    expect(client.closed).toBe(1);
  });

  it('delay_await_timeout: who waits is told that it took too long, and it is closed all the same (Q86 mended)', async () => {
    const clock = new ManualClock();
    const client = new Client();
    const cached = memoize(async () => client, { dispose: openAndClose, closeDelay: '10 seconds', clock });
    await cached();
    await cached.clear();
    const waiting = untilClosed(1_000, clock);
    await clock.advance('1 second');
    expect(await waiting).toBe(false);
    expect(client.closed).toBe(0);
    await clock.advance('9 seconds');
    expect(client.closed).toBe(1);
  });

  it('Q72: what is evicted is closed', async () => {
    const log: Log = [];
    const cached = memoize(async (name: string) => new Connection(name, log), { dispose: true, capacity: 1 });
    await cached('one');
    await cached('two');
    expect(await disposals('10 seconds')).toBe(true);
    expect(log).toEqual(['close one']);
    await cached.clear();
    await disposals('10 seconds');
  });

  it('Q76: what is cleared while it is loaded is closed', async () => {
    const log: Log = [];
    const connecting = deferred<void>();
    const cached = memoize(
      async (name: string) => {
        await connecting.promise;
        return new Connection(name, log);
      },
      { dispose: true },
    );
    const loading = cached('one');
    await turn();
    await cached.clear();
    connecting.resolve();
    await loading;
    expect(await disposals('10 seconds')).toBe(true);
    expect(log).toEqual(['close one']);
  });

  it('Q88: what fails to close has gone, and clearing succeeds', async () => {
    const refusing = { [Symbol.dispose]: () => fail('refused') };
    const failures: unknown[] = [];
    const cached = memoize(async () => refusing, {
      dispose: true,
      onEvent: (event) => void (event.type === 'policy-failed' && failures.push([event.policy, event.error.cause])),
    });
    await cached();
    await cached.clear();
    expect(await disposals('10 seconds')).toBe(true);
    expect(cached.cacheInfo().size).toBe(0);
    expect(failures).toEqual([['dispose', new Error('refused')]]);
  });
});

describe('test_async_utils: awrap_async_exit_stack', () => {
  it('wrap whole', async () => {
    const { take, settle, log } = policyFor(true);
    take(new Connection('value', log)).resource.left('cleared');
    await settle();
    expect(log).toEqual(['close value']);
  });

  it('dict paths', async () => {
    const { take, settle, log } = policyFor(['$.a', '$.b.c']);
    const value = { a: new Connection('a', log), b: { c: new Connection('c', log) }, d: new Connection('d', log) };
    take(value).resource.left('cleared');
    await settle();
    expect(log).toEqual(['close c', 'close a']);
  });

  it('object paths, mixed with those of Maps and lists, and in frozen objects (Q51, Q81 mended)', async () => {
    const { take, settle, log } = policyFor(['$.a', '$.b.c', '$.list[1]']);
    class Clients {
      readonly a = new Connection('a', log);
      readonly b = new Map([['c', new Connection('c', log)]]);
      readonly list = [new Connection('first', log), new Connection('second', log)];
    }
    const value = Object.freeze(new Clients());
    const taken = take(value);
    expect(taken.value).toBe(value);
    taken.resource.left('cleared');
    await settle();
    expect(log).toEqual(['close second', 'close c', 'close a']);
  });

  it('ignore_missing: closed where it is there, left out where it is not (Q82 mended)', async () => {
    const { take, settle, log } = policyFor(['$.a:ignore_missing', '$.b.c:ignore_missing']);
    take({ a: new Connection('a', log) }).resource.left('cleared');
    take({ a: null, b: { c: new Connection('c', log) } }).resource.left('cleared');
    take('neither').resource.left('cleared');
    await settle();
    expect(log).toEqual(['close a', 'close c']);
  });

  it('missing fails', async () => {
    const { policy, log } = policyFor(['$.a', '$.b']);
    const error = await failureOf(policy.take('key', { a: new Connection('a', log) }));
    expect((error as Error).message).toBe(
      `Option 'dispose': "$.b" points to nothing, since the value has no $.b. ` +
        `Where it may be missing, write "$.b:ignore_missing".`,
    );
    expect(log).toEqual(['close a']);
  });

  it('* dict, and Map', async () => {
    const { take, settle, log } = policyFor('*');
    const dictionary = { a: new Connection('a', log), nothing: undefined, b: new Connection('b', log), none: null };
    take(dictionary).resource.left('cleared');
    take(new Map(Object.entries(dictionary))).resource.left('cleared');
    await settle();
    // Both keep the same, which is closed once.
    expect(log).toEqual(['close b', 'close a']);
  });

  it('* object', async () => {
    const { take, settle, log } = policyFor('*');
    class Clients {
      readonly a = new Connection('a', log);
      readonly b = new Connection('b', log);
      get both(): readonly unknown[] {
        return [this.a, this.b];
      }
    }
    take(new Clients()).resource.left('cleared');
    await settle();
    expect(log).toEqual(['close b', 'close a']);
  });

  it('* list, and Set (Q83)', async () => {
    const { take, settle, log } = policyFor('*');
    take([new Connection('a', log), new Connection('b', log)]).resource.left('cleared');
    take(new Set([new Connection('c', log)])).resource.left('cleared');
    take([]).resource.left('cleared');
    await settle();
    expect([...log].sort()).toEqual(['close a', 'close b', 'close c']);
    expect(log.indexOf('close b')).toBeLessThan(log.indexOf('close a'));
  });
});

function fail(message: string): never {
  throw new Error(message);
}
