import { askedSince, type Asked } from './counted-platform.js';
import { memoize, memoizeSync } from '@memo/core';

const keys = Array.from({ length: 1_000 }, (_, index) => `user:${index}`);
const calls = 10_000;

/** What one call asks of the platform, on average over many in a row. */
const perCall = async (call: (index: number) => unknown): Promise<Asked> => {
  askedSince();
  for (let index = 0; index < calls; index++) await call(index);
  const { lookUps, changes, clockReads, timers } = askedSince();
  return { lookUps: lookUps / calls, changes: changes / calls, clockReads: clockReads / calls, timers: timers / calls };
};
const at = (index: number): string => keys[index % keys.length]!;

const find = memoize(async (key: string) => ({ key }), { expireAfter: '1 hour' });
const findAtOnce = memoizeSync((key: string) => ({ key }), { expireAfter: '1 hour' });
for (const key of keys) {
  await find(key);
  findAtOnce(key);
}
const hit = await perCall((index) => find(at(index)));
const hitAtOnce = await perCall((index) => findAtOnce(at(index)));

const small = memoize(async (key: string) => ({ key }), { expireAfter: '1 hour', capacity: 100 });
for (const key of keys) await small(key);
const miss = await perCall((index) => small(at(index)));

let release = (): void => {};
const released = new Promise<void>((resolve) => (release = resolve));
const slow = memoize(async (_key: string) => released, { expireAfter: '1 hour' });
const first = slow('slow');
askedSince();
const joined = Array.from({ length: calls }, () => slow('slow'));
const asked = askedSince();
const join = { lookUps: asked.lookUps / calls, changes: asked.changes / calls };
release();
await Promise.all([first, ...joined]);

process.stdout.write(JSON.stringify({ hit, hitAtOnce, miss, join }));
