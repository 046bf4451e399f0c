import { memoize, Memoizer, memoKey } from '@memo/core';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemcachedCacheStorage } from '../src/index.js';

class Account {
  readonly country: string;
  readonly holder: string;

  constructor(country: string, holder: string) {
    this.country = country;
    this.holder = holder;
  }

  [memoKey](): unknown {
    return ['Account', this.country, this.holder];
  }
}

/** The same class in a program that knows nothing of memo but the symbol. */
class ForeignAccount extends Map<string, string> {
  get [Symbol.for('@memo/key')](): () => unknown {
    return () => ['Account', this.get('country'), this.get('holder')];
  }
}

// What a name may hold: blanks, what separates keys, what is no ASCII, and more than a key of the server may be long.
const holders = ['Ada', 'Ada Lovelace', 'a:b/c%d', 'Łukasz\n', 'x'.repeat(600)];

describe.skipIf(lacks('memcached'))('arguments that name themselves, in a Memcached that processes share', () => {
  let server: Server;
  const opened: MemcachedCacheStorage[] = [];
  /** A storage as another process would have it. */
  const open = (): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(server.url, { namespace: 'names' });
    opened.push(storage);
    return storage;
  };

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterAll(async () => {
    await Promise.all(opened.map((storage) => storage[Symbol.asyncDispose]()));
    await server.stop();
  });

  it.each(holders)('share an entry by what they are called: %j', async (holder) => {
    let loads = 0;
    const balanceOf = async (_account: object): Promise<number> => ++loads;
    const [here, there] = [open(), open()].map((storage) => memoize(balanceOf, { name: 'balance', storage }));
    const foreign = new ForeignAccount(Object.entries({ country: 'DE', holder }));
    expect(await here!(new Account('DE', holder))).toBe(1);
    expect(await there!(foreign)).toBe(1);
    expect(await there!(new Account('AT', holder))).toBe(2);
    expect(await there!.delete([foreign])).toBe(true);
    expect(await here!.exists([new Account('DE', holder)])).toBe(false);
    expect(await here!.exists([new Account('AT', holder)])).toBe(true);
  });

  it.each(holders)('share it by a Memoizer and with normalized arguments, too: %j', async (holder) => {
    let loads = 0;
    const balanceOf = async (_account: object, currency = 'EUR'): Promise<string> => `${++loads} ${currency}`;
    const [here, there] = [open(), open()].map((storage) =>
      new Memoizer(storage, { namespace: 'bank' }).memoize(balanceOf, {
        name: 'balance',
        normalize: ([account, currency = 'EUR']) => [account, currency.toUpperCase()],
      }),
    );
    expect(await here!(new Account('DE', holder))).toBe('1 EUR');
    expect(await there!(new ForeignAccount(Object.entries({ country: 'DE', holder })), 'eur')).toBe('1 EUR');
    expect(await there!(new Account('DE', holder), 'USD')).toBe('2 USD');
    expect(await here!.delete([new Account('DE', holder), 'EUR'])).toBe(true);
    expect(await there!.exists([new Account('DE', holder)])).toBe(false);
  });
});
