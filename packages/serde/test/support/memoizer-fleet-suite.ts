import { startFleet, type Fleet, type Member, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MemoizerAnswer, type MemoizerOrder, valueBy } from './memoizer-member.js';

const hour = 3_600_000;
/** How long slow loads take, in milliseconds, and how much longer a busy computer may take for what they are in. */
const slowness = 150;
const grace = 600;

/** Which processes share which server. */
export interface MemoizerFleetTraits {
  /** The program of a member: it calls `serveMemoizerInFleet`. */
  readonly program: URL;
  readonly startServer: () => Promise<Server>;
  /** Where a member finds the server. */
  readonly environmentFor: (server: Server) => NodeJS.ProcessEnv;
  /** How well every member knows the server's clock, in milliseconds. */
  readonly exactness: number;
}

/** What a `Memoizer` promises to processes that share a storage: to be called within `describe`. */
export function memoizerFleetSuite({ program, startServer, environmentFor, exactness }: MemoizerFleetTraits): void {
  let server: Server;
  let fleet: Fleet<MemoizerOrder>;
  let here: Member<MemoizerOrder>;
  let there: Member<MemoizerOrder>;

  beforeAll(async () => {
    server = await startServer();
    const environment = environmentFor(server);
    fleet = await startFleet(program, [
      { ...environment, NAME: 'here' },
      { ...environment, NAME: 'there', CLOCK_OFFSET: String(hour) },
    ]);
    [here, there] = fleet.members as [Member<MemoizerOrder>, Member<MemoizerOrder>];
  });

  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await server.stop();
  });

  const read = async (member: Member<MemoizerOrder>, order: MemoizerOrder): Promise<MemoizerAnswer> =>
    (await member.tell(order)) as MemoizerAnswer;
  /** Resolves when a process has begun to load a key. */
  const isLoading = async (member: Member<MemoizerOrder>, key: string): Promise<void> => {
    const loads = async () => ((await member.tell({ action: 'loads' })) as string[][]).flat();
    await expect.poll(loads, { interval: 5 }).toContain(key);
  };

  describe('many keys', () => {
    it('are each loaded once in the fleet, though both ask for them in other orders', async () => {
      const slowness = 600;
      for (let round = 1; round <= 2; round++) {
        const keys = Array.from({ length: 30 }, (_, index) => `many ${round} ${index}`);
        const answers = await Promise.all([
          read(here, { action: 'getMany', keys: keys.slice(0, 20), slowness }),
          read(there, { action: 'getMany', keys: keys.slice(10).reverse(), slowness }),
        ]);
        const loaded = answers.flatMap(({ loads }) => loads.flat());
        expect(loaded.toSorted()).toEqual(keys.toSorted());
        for (const { values, loads, milliseconds } of answers) {
          expect(Object.keys(values)).toHaveLength(20);
          expect(loads.length).toBeLessThanOrEqual(1);
          // Both loads go on at the same time, though one waits for keys of the other's.
          expect(milliseconds).toBeLessThan(2 * slowness - 20);
        }
        for (const key of keys) {
          const values = answers.flatMap((answer) => answer.values[key] ?? []);
          const loader = answers[0].loads.flat().includes(key) ? 'here' : 'there';
          expect(new Set(values)).toEqual(new Set([valueBy(loader, key)]));
        }
      }
    });

    it('are loaded by the other process when one dies in the middle of loading them', async () => {
      const late = await startFleet<MemoizerOrder>(program, [{ ...environmentFor(server), NAME: 'late' }]);
      const [member] = late.members as [Member<MemoizerOrder>];
      const keys = ['orphan 1', 'orphan 2', 'orphan 3'];
      const lost = read(member, { action: 'getMany', keys, slowness: 60_000 }).catch((error: Error) => error.message);
      await isLoading(member, 'orphan 1');
      const waiting = read(here, { action: 'getMany', keys: [...keys, 'own'], slowness: 10 });
      await member.end();
      await late[Symbol.asyncDispose]();
      expect(await lost).toContain('The member ended with SIGKILL');
      const { values, loads, milliseconds } = await waiting;
      expect(values).toEqual(Object.fromEntries([...keys, 'own'].map((key) => [key, valueBy('here', key)])));
      expect(loads.flat().toSorted()).toEqual([...keys, 'own']);
      // A lease of a second, as each of them is to be waited for.
      expect(milliseconds).toBeLessThan(1_000 + 2 * exactness + grace);
    });

    it('that a process loads which stood still for too long are not kept', async () => {
      const keys = ['frozen 1', 'frozen 2'];
      const late = read(there, { action: 'getMany', keys, slowness });
      await isLoading(there, 'frozen 1');
      there.pause();
      try {
        const { values } = await read(here, { action: 'getMany', keys });
        expect(values).toEqual(Object.fromEntries(keys.map((key) => [key, valueBy('here', key)])));
      } finally {
        there.resume();
      }
      // Those who ask there are answered with what counts by now, or with what was loaded for them.
      expect(Object.keys((await late).values)).toEqual(keys);
      for (const member of [here, there]) {
        const { values, loads } = await read(member, { action: 'getMany', keys });
        expect([values, loads]).toEqual([Object.fromEntries(keys.map((key) => [key, valueBy('here', key)])), []]);
      }
    });
  });

  describe('etags', () => {
    const long = 'e'.repeat(10_000);
    const etags = ['', '0', 'W/"päper – 第二版 🎈"', long];

    it.each(['json', 'msgpack', 'v8', 'json+gzip', 'msgpack+zip', 'raw'])('come back through %s', async (format) => {
      for (const [index, etag] of etags.entries()) {
        const key = `etag ${index}`;
        const value = { [key]: valueBy('here', key) };
        expect(await read(here, { action: 'get', key, etag, format })).toMatchObject({ values: value, loads: [[key]] });
        expect(await there.tell({ action: 'etag', key, format })).toBe(etag);
        expect(await read(there, { action: 'get', key, etag, format })).toMatchObject({ values: value, loads: [] });
        expect(await read(there, { action: 'getMany', keys: [key], etag, format })).toMatchObject({
          ...{ values: value, loads: [] },
        });
        for (const after of [60_000, null]) {
          expect(await there.tell({ action: 'expire', key, after, format })).toBe(true);
          expect(await here.tell({ action: 'etag', key, format })).toBe(etag);
        }
        expect(await here.tell({ action: 'ttl', key, etag, format })).toBe('for ever');
        const others = etags.filter((other) => other !== etag);
        for (const other of others) {
          expect(await there.tell({ action: 'exists', key, etag: other, format })).toBe(false);
        }
        expect(await read(there, { action: 'get', key, etag: `${etag}!`, format })).toMatchObject({ loads: [[key]] });
        expect(await here.tell({ action: 'etag', key, format })).toBe(`${etag}!`);
      }
    });

    it('of two versions in use at the same time: each has its own value, and waits for one load of the other', async () => {
      const key = 'deployed';
      const use = (member: Member<MemoizerOrder>, etag: string): Promise<MemoizerAnswer> =>
        read(member, { action: 'get', key, etag, slowness });
      for (let round = 0; round < 4; round++) {
        for (const [member, name, etag] of [[here, 'here', 'v1'] as const, [there, 'there', 'v2'] as const]) {
          const answer = await use(member, etag);
          // Whoever was the last to be answered in the round before finds its value.
          expect([answer.values, answer.loads.length <= 1]).toEqual([{ [key]: valueBy(name, key) }, true]);
          expect(await use(member, etag)).toMatchObject({ loads: [] });
          expect(answer.milliseconds).toBeLessThan(slowness + grace);
        }
        const answers = await Promise.all([use(here, 'v1'), use(there, 'v2'), use(here, 'v1'), use(there, 'v2')]);
        const names = ['here', 'there', 'here', 'there'];
        expect(answers.map(({ values }) => values[key])).toEqual(names.map((name) => valueBy(name, key)));
        for (const { milliseconds } of answers) expect(milliseconds).toBeLessThan(2 * slowness + grace);
        expect(answers[0].loads.length + answers[1].loads.length).toBeLessThanOrEqual(3);
      }
    });
  });

  describe('maxAge', () => {
    it('is told by the clock of the server, whatever that of the process says', async () => {
      const key = 'aged';
      await read(here, { action: 'get', key });
      const maxAge = 60_000;
      expect(await read(there, { action: 'get', key, maxAge })).toMatchObject({ loads: [] });
      expect(await there.tell({ action: 'exists', key, maxAge })).toBe(true);
      const left = await there.tell({ action: 'ttl', key, maxAge });
      expect(left).toBeGreaterThan(maxAge - exactness - 10_000);
      expect(left).toBeLessThanOrEqual(maxAge + exactness);
      const isYoung = (): Promise<unknown> => there.tell({ action: 'exists', key, maxAge: 50 + exactness });
      await expect.poll(isYoung, { timeout: 50 + 2 * exactness + 5_000 }).toBe(false);
      expect(await read(there, { action: 'get', key, maxAge: 1 })).toMatchObject({
        ...{ loads: [[key]], values: { [key]: valueBy('there', key) } },
      });
    });
  });

  describe('a function that has other code in each process', () => {
    it('is called once for both', async () => {
      const [first, second] = [read(here, { action: 'call', key: 'once', slowness }), isLoading(here, 'once')];
      await second;
      const joined = await read(there, { action: 'call', key: 'once', slowness });
      expect(await first).toMatchObject({ values: { once: valueBy('here', 'once') }, loads: [['once']] });
      expect(joined).toMatchObject({ values: { once: valueBy('here', 'once') }, loads: [] });
    });

    it.each(['here', 'there'] as const)('is not kept when it began before it was forgotten %s', async (where) => {
      const key = `forgotten ${where}`;
      const late = read(here, { action: 'call', key, slowness: 2 * slowness });
      await isLoading(here, key);
      await (where === 'here' ? here : there).tell({ action: 'forget', key });
      const value = { [key]: valueBy('there', key) };
      expect(await read(there, { action: 'call', key })).toMatchObject({ values: value, loads: [[key]] });
      expect((await late).values).toEqual({ [key]: valueBy('here', key) });
      for (const member of [here, there]) {
        expect(await read(member, { action: 'call', key })).toMatchObject({ values: value, loads: [] });
      }
    });
  });
}
