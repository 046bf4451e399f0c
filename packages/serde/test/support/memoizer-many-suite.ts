import { type CacheEvent, type CacheStorage, Memoizer } from '@memo/core';
import type { Server } from '@memo/test-servers';
import { afterEach, beforeEach, expect, it } from 'vitest';

/** The deadline of the storages, in milliseconds, how much longer the engine waits, and how late a busy computer may be. */
export const deadline = 300;
const patience = 100;
const grace = 300;

const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);

/** Ways in which a server fails. */
type Fault = 'frozen' | 'dead';

/** Several servers that share the keys among them. */
export interface ManyTraits {
  readonly faults: readonly Fault[];
  /** How many of them are ill at the same time. */
  readonly ill: readonly ('one' | 'all')[];
  /** All of them, empty; those that one test made ill are well again when the next one asks. */
  readonly servers: () => Promise<readonly Server[]>;
  /** Opens a storage over all of them, with the deadline above. */
  readonly open: () => CacheStorage & AsyncDisposable;
  /** Which of the servers keeps a key of the storage. */
  readonly serverOf: (key: string) => Server;
}

/** What `getMany` of a `Memoizer` promises while one of several servers is ill: to be called within `describe`. */
export function memoizerManySuite({ faults, ill: howMany, servers, open, serverOf }: ManyTraits): void {
  let all: readonly Server[];
  let storage: CacheStorage & AsyncDisposable;
  let memo: Memoizer;
  let batches: (readonly string[])[];
  let events: CacheEvent[];

  beforeEach(async () => {
    all = await servers();
    storage = open();
    memo = new Memoizer(storage, { expireAfter: '1 hour', jitter: 0, onEvent: (event) => events.push(event) });
    [batches, events] = [[], []];
  });

  afterEach(() => storage[Symbol.asyncDispose]());

  const loadMany = async (wanted: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    batches.push(wanted);
    return new Map(wanted.map((key) => [key, `value of ${key}`]));
  };
  const isOf = (server: Server, key: string): boolean => serverOf(`/:${key}`) === server;
  const valuesOf = (wanted: readonly string[]) => new Map(wanted.map((key) => [key, `value of ${key}`]));
  const strike = async (server: Server, fault: Fault): Promise<void> =>
    fault === 'frozen' ? server.pause() : server.kill();
  const heal = async (server: Server, fault: Fault): Promise<void> =>
    fault === 'frozen' ? server.resume() : server.restart();
  /** Asks for many keys, and expects that they all come, and what is loaded meanwhile, in one piece if at all. */
  const expectLoaded = async (wanted: readonly string[], loaded: readonly string[]): Promise<number> => {
    [batches, events] = [[], []];
    const started = performance.now();
    expect(await memo.getMany(wanted, loadMany)).toEqual(valuesOf(wanted));
    const milliseconds = performance.now() - started;
    expect(batches).toEqual(loaded.length === 0 ? [] : [loaded]);
    expect(events.filter(({ type }) => type === 'hit').length).toBe(wanted.length - loaded.length);
    return milliseconds;
  };
  const isWell = (): Promise<void> =>
    expect
      .poll(async () => (await memo.getMany(keys, loadMany), batches.splice(0).length), { timeout: 15_000 })
      .toBe(0);

  it.each(howMany.includes('one') ? faults : [])(
    'loads only those of the one that is %s, and keeps those of the others',
    async (fault) => {
      await isWell();
      const ill = all[1]!;
      const ofTheIll = keys.filter((key) => isOf(ill, key));
      const fresh = keys.map((key) => `fresh-${key}`);
      const freshOfTheIll = fresh.filter((key) => isOf(ill, key));
      expect(new Set(keys.map((key) => serverOf(`/:${key}`)))).toEqual(new Set(all));
      await strike(ill, fault);
      try {
        const milliseconds = await expectLoaded([...keys, ...fresh], [...ofTheIll, ...fresh]);
        expect(milliseconds).toBeLessThan(deadline + patience + grace);
        // It is said of those that suffer, and of no others.
        const failures = events.filter((event) => event.type === 'storage-failed');
        expect(failures.map(({ key }) => key.slice('/:'.length)).toSorted()).toEqual(
          [...ofTheIll, ...freshOfTheIll].toSorted(),
        );
        for (let failed = 2; failed <= 5; failed++) {
          const time = await expectLoaded([...keys, ...fresh], [...ofTheIll, ...freshOfTheIll]);
          expect(time).toBeLessThan(deadline + patience + grace);
        }
        // It counts as down by now.
        expect(await expectLoaded(keys, ofTheIll)).toBeLessThan(deadline);
        // Where nothing is loaded they are left out.
        const healthy = keys.filter((key) => !ofTheIll.includes(key));
        expect(await memo.getMany(keys)).toEqual(valuesOf(healthy));
      } finally {
        await heal(ill, fault);
      }
      await isWell();
      await expectLoaded(keys, []);
    },
  );

  it.each(howMany.includes('all') ? faults : [])(
    'loads all of them, once for each call, while all servers are %s',
    async (fault) => {
      await isWell();
      await Promise.all(all.map((server) => strike(server, fault)));
      try {
        for (let time = 1; time <= 5; time++) {
          expect(await expectLoaded(keys, keys)).toBeLessThan(deadline + patience + grace);
        }
        expect(await expectLoaded(keys, keys)).toBeLessThan(deadline);
        // Those who ask at the same time share the load.
        batches = [];
        const both = await Promise.all([memo.getMany(keys, loadMany), memo.getMany(keys.toReversed(), loadMany)]);
        expect(both).toEqual([valuesOf(keys), valuesOf(keys)]);
        expect(batches).toEqual([keys]);
        expect(await memo.getMany(keys)).toEqual(new Map());
      } finally {
        await Promise.all(all.map((server) => heal(server, fault)));
      }
      await isWell();
      await expectLoaded(keys, []);
    },
  );
}
