/**
 * A program that makes many caches of every kind, uses them, and holds none but one, by one of its operations. It says how
 * many are still alive, and known, after the garbage has been collected.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { clearAll, LocalInMemoryCacheStorage, memoize, memoized, Memoizer, memoizeSync } from '@memo/core';

const collectGarbage = (globalThis as { readonly gc?: () => void }).gc!;
const made: WeakRef<object>[] = [];

/** Its method is decorated as a compiler does it; Node reads no decorators. */
class Users {
  declare find: (id: number) => Promise<number>;

  static {
    const find = async (id: number): Promise<number> => id;
    this.prototype.find = memoized()(find, { kind: 'method' } as ClassMethodDecoratorContext);
  }
}

async function makeSome(): Promise<void> {
  for (let index = 0; index < 100; index++) {
    const cached = memoize(async (id: number) => id);
    const synchronous = memoizeSync((id: number) => id);
    synchronous(index);
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    const users = new Users();
    await Promise.all([cached(index), memo.get('key', () => index), users.find(index)]);
    made.push(new WeakRef(cached), new WeakRef(synchronous), new WeakRef(memo), new WeakRef(users));
  }
}

function known(): number {
  return (globalThis as { [name: symbol]: Set<unknown> | undefined })[Symbol.for('@memo/caches/1')]!.size;
}

const { cacheInfo, refresh } = memoize(async () => 'held');
await refresh();
for (let round = 0; round < 10; round++) {
  await makeSome();
  await turn();
}
for (let round = 0; round < 20 && known() > 1; round++) {
  collectGarbage();
  // What is told of the collected comes in a turn of its own.
  await turn();
}
const alive = made.filter((reference) => reference.deref() !== undefined).length;
const knownAfter = known();
await clearAll();
process.stdout.write(JSON.stringify({ made: made.length, alive, known: knownAfter, sizeOfHeld: cacheInfo().size }));
