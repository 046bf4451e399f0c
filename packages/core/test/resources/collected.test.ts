import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { disposals, memoize } from '../../src/index.js';
import type { DisposeOption } from '../../src/resources/dispose-option.js';
import { turn } from '../support/deferred.js';
import { policyFor } from './connections.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class Client {
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** How many of them nobody can reach any more. */
async function collected(references: readonly WeakRef<object>[]): Promise<number> {
  for (let tries = 0; tries < 10; tries++) {
    await turn();
    collectGarbage();
  }
  return references.filter((reference) => reference.deref() === undefined).length;
}

it.each<[what: string, dispose: DisposeOption<never>]>([
  ['itself', true],
  ['as parts', '*'],
  ['by a function', () => {}],
  ['after it was opened', { open: async () => new Client(), close: (client: Client) => client[Symbol.asyncDispose]() }],
])('what was closed %s is remembered nowhere, though its policy and its clock are', async (_, dispose) => {
  const { policy, clock } = policyFor(dispose, { closeDelay: 1_000 });
  const references: WeakRef<object>[] = [];
  const open = async (): Promise<void> => {
    for (let index = 0; index < 20; index++) {
      const client = new Client();
      const { value, resource } = await policy.take('key', dispose === '*' ? [client] : client);
      references.push(new WeakRef(client), new WeakRef(value as object));
      const letGo = resource.hold();
      resource.left('released');
      await clock.advance(1_000);
      letGo?.();
    }
  };
  await open();
  await clock.advance(0);
  expect(await collected(references)).toBe(references.length);
  expect(clock.pendingTimers).toBe(0);
});

it('what has left a cache can be collected, what is in it cannot', async () => {
  const references: WeakRef<object>[] = [];
  const connect = memoize(
    async (_id: number) => {
      const client = new Client();
      references.push(new WeakRef(client));
      return client;
    },
    { dispose: true, capacity: 5 },
  );
  const useAll = async (): Promise<void> => {
    for (let id = 0; id < 50; id++) {
      await using held = await connect.lease(id);
      expect(held.value).toBeInstanceOf(Client);
    }
  };
  await useAll();
  expect(await disposals('10 seconds')).toBe(true);
  expect(await collected(references)).toBe(45);
  await connect.clear();
  expect(await disposals('10 seconds')).toBe(true);
  expect(await collected(references)).toBe(50);
});
