import { setTimeout as pause } from 'node:timers/promises';
import { type CacheStorage, type Etag, type KeyedCallOptions, Memoizer, type SerDe } from '@memo/core';
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';
import { serdeOf } from './serde-of.js';

/** What a process that has a `Memoizer` is told to do. */
export interface MemoizerOrder {
  readonly action: 'get' | 'getMany' | 'call' | 'etag' | 'ttl' | 'exists' | 'delete' | 'forget' | 'expire' | 'loads';
  /** The SerDe of the storage that is used: a name for `serdeOf`, or `raw`. @defaultValue `'msgpack'` */
  readonly format?: string;
  /** For `getMany`. */
  readonly keys?: readonly string[];
  /** For the others; what the function is called with for `call` and `forget`, which deletes what `call` has cached. */
  readonly key?: string;
  readonly etag?: Etag;
  /** Milliseconds. */
  readonly maxAge?: number;
  /** How long each load takes, in milliseconds. @defaultValue 0 */
  readonly slowness?: number;
  /** For `expire`: milliseconds, `null` for never. */
  readonly after?: number | null;
}

/** What a process tells of a read. */
export interface MemoizerAnswer {
  /** By their keys. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What it has loaded meanwhile, call by call. */
  readonly loads: readonly (readonly string[])[];
  readonly milliseconds: number;
}

const readings: ReadonlySet<MemoizerOrder['action']> = new Set(['get', 'getMany', 'call']);

/** What members load: it tells who has done it. */
export function valueBy(member: string, key: string): string {
  return `${key} by ${member}`;
}

/** A SerDe as somebody might write it who has no more than a minute. */
const raw: SerDe = {
  serialize: ({ value }) => new TextEncoder().encode(String(value)),
  deserialize: (data) => ({ value: new TextDecoder().decode(data), created: 0, updateAfter: 0, expiresAfter: 0 }),
};

/**
 * Makes this process a member of a fleet that shares a storage by Memoizers. It is called NAME in the environment, and its
 * clock is off by CLOCK_OFFSET milliseconds.
 */
export function serveMemoizerInFleet(open: (serde: SerDe, namespace: string) => CacheStorage): void {
  const offset = Number(process.env['CLOCK_OFFSET'] ?? 0);
  const trueNow = Date.now;
  Date.now = () => trueNow() + offset;

  const members = new Map<string, (order: MemoizerOrder) => Promise<unknown>>();
  const memberFor = (format: string): ((order: MemoizerOrder) => Promise<unknown>) => {
    const member = members.get(format) ?? memberOver(open(format === 'raw' ? raw : serdeOf(format), `fleet ${format}`));
    members.set(format, member);
    return member;
  };
  process.on('message', ({ number, order }: NumberedOrder<MemoizerOrder>) => {
    const report = (outcome: Partial<NumberedReport>) => process.send?.({ ...outcome, number });
    memberFor(order.format ?? 'msgpack')(order).then(
      (result) => report({ result }),
      (error: unknown) => report({ error: String(error) }),
    );
  });
  process.send?.({ number: 0 } satisfies NumberedReport);
}

function memberOver(storage: CacheStorage): (order: MemoizerOrder) => Promise<unknown> {
  const name = process.env['NAME'] ?? 'nobody';
  const loads: (readonly string[])[] = [];
  /** How long the load of a key that is asked for next takes, by the keys. */
  const slownessOf = new Map<string, number>();
  const load = async (keys: readonly string[]): Promise<string[]> => {
    loads.push(keys);
    await pause(Math.max(...keys.map((key) => slownessOf.get(key) ?? 0)));
    return keys.map((key) => valueBy(name, key));
  };
  const memo = new Memoizer(storage, { expireAfter: '1 hour', jitter: 0, leaseTime: '1 second', onEvent: () => {} });
  // Each has other code under one name, as in the middle of a deployment.
  const report = memo.memoize(async (key: string) => (await load([key]))[0], { name: 'report' });
  const timed = async (reading: () => Promise<Readonly<Record<string, unknown>>>): Promise<MemoizerAnswer> => {
    const [started, before] = [performance.now(), loads.length];
    const values = await reading();
    return { values, loads: loads.slice(before), milliseconds: performance.now() - started };
  };
  return async (order) => {
    const { action, key = '', keys = [key], after = 0, slowness = 0, etag, maxAge } = order;
    if (readings.has(action)) for (const one of keys) slownessOf.set(one, slowness);
    const options: KeyedCallOptions<never, []> = { ...(etag !== undefined && { etag }), ...(maxAge && { maxAge }) };
    switch (action) {
      case 'get':
        return timed(async () => ({ [key]: await memo.get(key, async () => (await load([key]))[0], options) }));
      case 'getMany':
        return timed(async () => Object.fromEntries(await memo.getMany(keys, load, options)));
      case 'call':
        return timed(async () => ({ [key]: await report(key) }));
      case 'etag':
        return memo.etag(key);
      case 'ttl':
        // A message has no other word for it.
        return (await memo.ttl(key, options)) === Infinity ? 'for ever' : memo.ttl(key, options);
      case 'exists':
        return memo.exists(key, options);
      case 'delete':
        return memo.delete(key);
      case 'forget':
        return report.delete([key]);
      case 'expire':
        return memo.expire(key, after);
      case 'loads':
        return loads;
    }
  };
}
