import { setTimeout as pause } from 'node:timers/promises';
import { askMemcached, startMemcached, startProxy, type Proxy, type Server } from '@memo/test-servers';
import { expect, vi } from 'vitest';
import type { Connect } from './key-value-client.js';
import type { Fault } from './fault.js';
import { endOf, outcomeOf } from './outcome.js';

const large = 'large'.repeat(20_000);
const small = 'small';

/** A server behind a proxy, with a large and a small value in it. */
async function withProxy<R>(use: (proxy: Proxy, server: Server) => Promise<R>): Promise<R> {
  await using server = await startMemcached();
  await using proxy = await startProxy({ target: server });
  await askMemcached(server.port, `set large 0 0 ${large.length}`, large);
  await askMemcached(server.port, `set small 0 0 ${small.length}`, small);
  // Awaited before the servers are stopped.
  return await use(proxy, server);
}

/** Until what was just sent has arrived on this computer. */
const aMoment = (): Promise<void> => pause(50);

/** What servers and networks do to a client. */
export const clientFaults: readonly Fault[] = [
  {
    name: 'an answer is cut half-way',
    happens: (connect) =>
      withProxy(async (proxy) => {
        const client = connect({ servers: [proxy] });
        await client.get('small');
        proxy.cutAfter(large.length / 2);
        const cut = outcomeOf(client.get('large'), large);
        await expect.poll(() => proxy.connections).toBe(0);
        await proxy.resume();
        await aMoment();
        const next = await outcomeOf(client.get('large'), large);
        const last = await outcomeOf(client.get('small'), small);
        client.close();
        return { cut: await cut, next, last };
      }),
    promised: { cut: 'an error', next: 'the value', last: 'the value' },
    bare: { cut: 'wrong bytes of the right length', next: 'an error', last: 'never settled' },
  },
  {
    name: 'an answer stalls half-way, until the connection is reset',
    happens: (connect) =>
      withProxy(async (proxy) => {
        const client = connect({ servers: [proxy] });
        await client.get('small');
        proxy.stallAfter(large.length / 2);
        const stalled = await outcomeOf(client.get('large'), large);
        proxy.reset();
        await proxy.resume();
        await aMoment();
        const next = await outcomeOf(client.get('large'), large);
        const last = await outcomeOf(client.get('small'), small);
        client.close();
        return { stalled, next, last };
      }),
    promised: { stalled: 'an error', next: 'the value', last: 'the value' },
    bare: { stalled: 'an error', next: 'an error', last: 'never settled' },
  },
  {
    name: 'the server closes the connection while an answer is awaited',
    happens: (connect) =>
      withProxy(async (proxy) => {
        const timeout = 1_500;
        const client = connect({ servers: [proxy], timeout });
        await client.get('small');
        proxy.freeze();
        const began = performance.now();
        const reading = outcomeOf(client.get('small'), small);
        await aMoment();
        proxy.finish();
        const outcome = await reading;
        const isInTime = performance.now() - began < timeout;
        client.close();
        return { outcome, settled: isInTime ? 'because the server closed' : 'not before its timeout' };
      }),
    promised: { outcome: 'an error', settled: 'because the server closed' },
    bare: { outcome: 'never settled', settled: 'not before its timeout' },
  },
  {
    name: 'an answer does not come while others are asked for all the time',
    happens: (connect) =>
      withProxy(async (proxy) => {
        const client = connect({ servers: [proxy] });
        await client.get('small');
        proxy.freeze();
        let outcome = 'still awaited after five times the timeout';
        void outcomeOf(client.get('small'), small).then((settled) => {
          outcome = settled;
        });
        for (const end = performance.now() + 1_000; performance.now() < end;) {
          void endOf(client.get('large'));
          await pause(20);
        }
        const observed = outcome;
        client.close();
        return observed;
      }),
    promised: 'an error',
    bare: 'still awaited after five times the timeout',
  },
  {
    name: 'the 2,147,483,648th request',
    happens: (connect) =>
      withProxy(async (_proxy, server) => {
        const client = connect({ servers: [server], firstNumber: 2 ** 31 - 2 });
        const outcomes = [];
        for (let request = 1; request <= 4; request++) outcomes.push(await outcomeOf(client.get('small'), small));
        client.close();
        return outcomes;
      }),
    promised: ['the value', 'the value', 'the value', 'the value'],
    bare: ['the value', 'the value', 'an error', 'an error'],
  },
  {
    name: 'the 4,294,967,296th request',
    happens: (connect) =>
      withProxy(async (_proxy, server) => {
        const client = connect({ servers: [server], firstNumber: 2 ** 32 - 2 });
        const outcomes = [];
        for (let request = 1; request <= 4; request++) outcomes.push(await outcomeOf(client.get('small'), small));
        client.close();
        return outcomes;
      }),
    promised: ['the value', 'the value', 'the value', 'the value'],
    bare: ['an error', 'an error', 'the value', 'the value'],
  },
  {
    name: 'a wrong password',
    needs: ['saslpasswd2'],
    happens: async (connect) => {
      await using server = await startMemcached({ sasl: { user: 'alice', password: 'secret' } });
      const client = connect({ servers: [server], username: 'alice', password: 'wrong' });
      const outcome = await outcomeOf(client.get('small'), small);
      client.close();
      return outcome;
    },
    promised: 'an error',
    bare: 'an error that is a string',
  },
  {
    name: 'an answer of 8 MB',
    happens: async (connect) => {
      await using server = await startMemcached({ args: ['-I', '16m'] });
      const client = connect({ servers: [server], timeout: 10_000 });
      const value = 'x'.repeat(8_000_000);
      await client.set('huge', value);
      const allocations = watchAllocations();
      const found = await client.get('huge');
      const times = allocations.stop() / value.length;
      client.close();
      return {
        found: found === value ? 'the value' : 'another value',
        allocated: times < 2 ? 'once' : times > 20 ? 'over and over again' : times,
      };
    },
    promised: { found: 'the value', allocated: 'once' },
    bare: { found: 'the value', allocated: 'over and over again' },
  },
  {
    name: 'the answer to a set is lost, and somebody else sets meanwhile',
    happens: (connect) => replay(connect, (client) => client.set('small', 'ours'), 'ours'),
    promised: { end: 'an error', found: 'theirs' },
    bare: { end: 'an error', found: 'ours' },
  },
  {
    name: 'the answer to a delete is lost, and somebody else sets meanwhile',
    happens: (connect) => replay(connect, (client) => client.delete('small'), undefined),
    promised: { end: 'an error', found: 'theirs' },
    bare: { end: 'an error', found: undefined },
  },
];

/** The operation is carried out, but its answer never comes. Then somebody else sets the same key. */
function replay(
  connect: Connect,
  operate: (client: ReturnType<Connect>) => Promise<unknown>,
  effect: string | undefined,
) {
  return withProxy(async (proxy, { port }) => {
    const client = connect({ servers: [proxy], tries: 2 });
    await client.get('small');
    const stored = async (): Promise<string | undefined> => (await askMemcached(port, 'get small'))[1];
    proxy.stallAfter(0);
    const end = endOf(operate(client));
    await expect.poll(stored).toBe(effect);
    await askMemcached(port, 'set small 0 0 6', 'theirs');
    const outcome = { end: await end, found: await stored() };
    client.close();
    return outcome;
  });
}

/** Counts the bytes of all buffers that are allocated from here on. */
function watchAllocations(): { stop: () => number } {
  const spies = [vi.spyOn(Buffer, 'alloc'), vi.spyOn(Buffer, 'allocUnsafe'), vi.spyOn(Buffer, 'allocUnsafeSlow')];
  return {
    stop: () => {
      const bytes = spies.flatMap((spy) => spy.mock.calls).reduce((sum, [size]) => sum + size, 0);
      for (const spy of spies) spy.mockRestore();
      return bytes;
    },
  };
}
