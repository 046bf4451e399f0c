import type { Defect } from '../../../core/test/originals/scenario.js';
import type { LockingStore } from './locking-store.js';

/** The defects of PyMemoize in Redis. */
export const redisDefects: readonly Defect<LockingStore>[] = [
  {
    row: 'P72',
    title: 'what is kept goes from the server when its time is over',
    mended: 'in time',
    defective: 'never',
    async observe({ client, keep }) {
      await keep('key', 60_000);
      const [name] = (await client.call('KEYS', '*')) as string[];
      const left = Number(await client.call('PTTL', name!));
      return left === -1 ? 'never' : left > 0 && left <= 60_000 ? 'in time' : left;
    },
  },
  {
    row: 'P74',
    title: 'a holder whose time was over does not give back the lock of the next one',
    mended: { second: true, third: false },
    defective: { second: true, third: true },
    async observe({ lock, endTimeOfLock }) {
      const [first, second, third] = [lock('key'), lock('key'), lock('key')];
      await first.acquire(0);
      await endTimeOfLock();
      const hadBySecond = await second.acquire(0);
      await first.release();
      return { second: hadBySecond, third: await third.acquire(0) };
    },
  },
  {
    row: 'P74',
    title: 'one who never had the lock does not give it back',
    mended: { had: false, third: false },
    defective: { had: false, third: true },
    async observe({ lock }) {
      const [first, second, third] = [lock('key'), lock('key'), lock('key')];
      await first.acquire(0);
      const had = await second.acquire(0);
      await second.release();
      return { had, third: await third.acquire(0) };
    },
  },
  {
    row: 'P74',
    title: 'who does not get the lock of a dead holder leaves that of the one who does as it is',
    mended: { had: 1, changed: false },
    defective: { had: 1, changed: true },
    async observe({ client, lock, endTimeOfLock }) {
      await lock('key').acquire(0);
      await endTimeOfLock();
      const writes = async (): Promise<number> => writesIn(String(await client.call('INFO', 'commandstats')));
      await client.call('CONFIG', 'RESETSTAT');
      const had = await Promise.all([lock('key').acquire(0), lock('key').acquire(0), lock('key').acquire(0)]);
      return { had: had.filter(Boolean).length, changed: (await writes()) > 1 };
    },
  },
];

/** How many commands have replaced what was under a key. */
function writesIn(statistics: string): number {
  return Number(/cmdstat_getset:calls=(\d+)/.exec(statistics)?.[1] ?? 0);
}
