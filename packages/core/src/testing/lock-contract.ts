import type { Awaitable } from '../serde.js';
import type { Lock } from '../storage/lock.js';
import { runContract, type Clause, type TestRunner } from './contract.js';
import { pause, settledWithin } from './pause.js';

/** One lock as two processes see it. */
export interface LockPair {
  readonly first: Lock;
  readonly second: Lock;
  close?(): Awaitable<unknown>;
}

/**
 * A suite of tests that every `Lock` passes. It takes about two seconds of real time.
 *
 * @param create - makes two handles of one lock that nobody holds.
 */
export function lockContract(runner: TestRunner, create: () => Awaitable<LockPair>): void {
  runContract(runner, 'Lock', clauses, async () => {
    const pair = await create();
    return { subject: pair, missing: new Set(), close: async () => void (await pair.close?.()) };
  });
}

/** How much later than promised an answer may come, for computers that are busy. */
const grace = 500;

const clauses: readonly Clause<LockPair>[] = [
  {
    id: 'free',
    title: 'a lock that nobody holds is had at once, also with a timeout of 0, again and again',
    async run({ first }, expect) {
      for (const timeout of [0, 100, '1 minute', { seconds: 1 }]) {
        expect(await settledWithin(grace, first.acquire(timeout))).toBe(true);
        await first.release();
      }
    },
  },
  {
    id: 'one-holder',
    title: 'while one holds the lock, nobody else gets it',
    async run({ first, second }, expect) {
      expect(await first.acquire(0)).toBe(true);
      expect(await second.acquire(0)).toBe(false);
      expect(await second.acquire(30)).toBe(false);
    },
  },
  {
    id: 'race',
    title: 'of two who try at the same time at most one gets it',
    async run({ first, second }, expect) {
      for (let round = 0; round < 20; round++) {
        const had = await Promise.all([first.acquire(0), second.acquire(0)]);
        expect(had).toStrictEqual([had[0], had[0] ? false : had[1]]);
        if (had[0]) await first.release();
        if (had[1]) await second.release();
      }
    },
  },
  {
    id: 'try-once',
    title: 'a timeout of 0 is one try, which does not wait',
    async run({ first, second }, expect) {
      await first.acquire(0);
      expect(await settledWithin(grace, second.acquire(0))).toBe(false);
    },
  },
  {
    id: 'times-out',
    title: 'who waits in vain is told so after the timeout, not before',
    async run({ first, second }, expect) {
      await first.acquire(0);
      const started = Date.now();
      expect(await settledWithin(200 + grace, second.acquire(200))).toBe(false);
      // Timers may ring a little early, by the clock on the wall.
      expect(Date.now() - started >= 190).toBe(true);
    },
  },
  {
    id: 'hand-over',
    title: 'who waits gets the lock once it is given back',
    async run({ first, second }, expect) {
      await first.acquire(0);
      const waiting = second.acquire('10 seconds');
      expect(await settledWithin(100, waiting)).toBe('pending');
      await first.release();
      expect(await settledWithin(2_000, waiting)).toBe(true);
      expect(await first.acquire(0)).toBe(false);
    },
  },
  {
    id: 'given-up',
    title: 'who waited in vain does not get the lock later, when nobody uses it any more',
    async run({ first, second }, expect) {
      await first.acquire(0);
      expect(await second.acquire(30)).toBe(false);
      await first.release();
      await pause(50);
      expect(await first.acquire(0)).toBe(true);
    },
  },
  {
    id: 'owner',
    title: 'only the holder gives the lock back',
    async run({ first, second }, expect) {
      await first.acquire(0);
      await second.release();
      expect(await second.acquire(0)).toBe(false);
    },
  },
  {
    id: 'released-twice',
    title: 'giving the lock back twice, or without having it, is no error and takes it from nobody',
    async run({ first, second }, expect) {
      await first.release();
      await first.acquire(0);
      await first.release();
      expect(await second.acquire(0)).toBe(true);
      await first.release();
      expect(await first.acquire(0)).toBe(false);
    },
  },
];
