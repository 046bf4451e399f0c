import { InvalidKeyError, LocalInMemoryCacheStorage, memoize, Memoizer, memoKey, type NamedInKeys } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { encodeArguments } from '../../src/key/canonical-encoding.js';
import { asAnotherProcess } from '../originals/another-process.js';

class Account implements NamedInKeys {
  readonly country: string;
  readonly number: number;
  /** Differs from one instance to the next, and must not matter. */
  readonly opened = Symbol('opened');

  constructor(country: string, number: number) {
    this.country = country;
    this.number = number;
  }

  [memoKey](): unknown {
    return ['Account', this.country, this.number];
  }
}

/** The same class in a program that knows nothing of memo but the symbol. */
class ForeignAccount {
  readonly #iban: readonly [string, number];
  constructor(...iban: readonly [string, number]) {
    this.#iban = iban;
  }
  get [Symbol.for('@memo/key')](): () => unknown {
    return () => ['Account', ...this.#iban];
  }
}

const keyOf = (...args: unknown[]): string => encodeArguments(args);

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('memoKey', () => {
  it('is a symbol that a class can have without an import', () => {
    expect(memoKey).toBe(Symbol.for('@memo/key'));
    expect(keyOf(new ForeignAccount('DE', 1))).toBe(keyOf(new Account('DE', 1)));
  });

  it('names an instance wherever it stands', () => {
    const name = '#memo:["Account","DE",1]';
    const account = new Account('DE', 1);
    expect(keyOf(account)).toBe(`(${name})`);
    expect(keyOf('of', account)).toBe(`("of",${name})`);
    expect(keyOf({ from: [account] })).toBe(`({"from":[${name}]})`);
    expect(keyOf(new Map([[account, account]]))).toBe(`(#Map{${name}:${name}})`);
    expect(keyOf(new Set([account]))).toBe(`(#Set[${name}])`);
    expect(keyOf(Object.freeze(account))).toBe(`(${name})`);
  });

  it('is asked of what is inside a name, too', () => {
    const transfer = { [memoKey]: () => [new Account('DE', 1), new Account('AT', 2)] };
    expect(keyOf(transfer)).toBe('(#memo:[#memo:["Account","DE",1],#memo:["Account","AT",2]])');
  });

  it('is inherited, and may be replaced by a subclass', () => {
    class Savings extends Account {}
    class Shared extends Account {
      override [memoKey](): unknown {
        return ['Shared', super[memoKey]()];
      }
    }
    expect(keyOf(new Savings('DE', 1))).toBe(keyOf(new Account('DE', 1)));
    expect(keyOf(new Shared('DE', 1))).not.toBe(keyOf(new Account('DE', 1)));
  });

  it('goes before the content that a class of the language would be named by', () => {
    class Day extends Date {
      [memoKey](): string {
        return this.toISOString().slice(0, 10);
      }
    }
    class Ids extends Array<number> {
      [memoKey](): unknown {
        return [...this].sort((one, other) => one - other);
      }
    }
    expect(keyOf(new Day('2026-11-21T10:15Z'))).toBe(keyOf(new Day('2026-11-21T23:00Z')));
    expect(keyOf(Ids.of(2, 1))).toBe(keyOf(Ids.of(1, 2)));
    expect(keyOf(Ids.of(1, 2))).not.toBe(keyOf([1, 2]));
  });

  it('never gives the key of what it returns', () => {
    const named = (name: unknown): object => ({ [memoKey]: () => name });
    const names = ['a', 1, ['a'], { a: 1 }, null, '#memo:"a"', named('a')];
    const keys = names.flatMap((name) => [keyOf(name), keyOf(named(name)), keyOf(named(named(name)))]);
    // named('a') and the name of named('a') stand in the list twice.
    expect(new Set(keys).size).toBe(keys.length - 2);
  });

  it('is asked at each call, so that an object may change its name', async () => {
    let asked = 0;
    const user = { id: 1, [memoKey]: () => (asked++, user.id) };
    const cached = memoize(async (of: { id: number }) => `user ${of.id}`);
    expect(await cached(user)).toBe('user 1');
    user.id = 2;
    expect(await cached(user)).toBe('user 2');
    expect(asked).toBe(2);
  });

  it.each<[string, object, string]>([
    [
      'undefined',
      { [memoKey]: () => undefined },
      'arguments[0] cannot be part of a key: its [memoKey]() names nothing, got an object of class Object. Return text, a number or plain data.',
    ],
    [
      'itself',
      new (class Self {
        [memoKey](): unknown {
          return this;
        }
      })(),
      `arguments[0][memoKey]() cannot be part of a key: it contains itself, got an object of class Self. Let the option 'key' name it by a part of it.`,
    ],
    [
      'a promise',
      { [memoKey]: async () => 1 },
      `arguments[0][memoKey]() cannot be part of a key: an instance of this class is not named by its content, got an object of class Promise. Let the option 'key' name it by text, numbers or plain data, or give its class a [memoKey]() method.`,
    ],
    [
      'an instance without a name, somewhere inside',
      { [memoKey]: () => ({ owner: new (class Owner {})() }) },
      `arguments[0][memoKey]().owner cannot be part of a key: an instance of this class is not named by its content, got an object of class Owner. Let the option 'key' name it by text, numbers or plain data, or give its class a [memoKey]() method.`,
    ],
  ])('refuses %s as a name', async (_, argument, message) => {
    const cached = memoize(async (value: object) => typeof value);
    const error = await failureOf(cached(argument));
    expect(InvalidKeyError.isInstance(error) && error.message).toBe(message);
  });

  it('is no name if it is no method', async () => {
    class Tagged {
      readonly [memoKey] = 'tag';
    }
    const error = await failureOf(memoize(async (value: object) => typeof value)(new Tagged()));
    expect(InvalidKeyError.isInstance(error)).toBe(true);
  });
});

describe('functions of objects that name themselves', () => {
  function bank(): { readonly balanceOf: (account: Account) => Promise<string>; readonly asked: string[] } {
    const asked: string[] = [];
    return {
      balanceOf: async ({ country, number }) => `balance ${asked.push(country)} of ${country} ${number}`,
      asked,
    };
  }

  it('share an entry for instances of one name, and no other', async () => {
    const { balanceOf, asked } = bank();
    const cached = memoize(balanceOf);
    const balances = [new Account('DE', 1), new Account('DE', 1), new Account('AT', 1)].map((account) =>
      cached(account),
    );
    expect(await Promise.all(balances)).toEqual(['balance 1 of DE 1', 'balance 1 of DE 1', 'balance 2 of AT 1']);
    expect(asked).toEqual(['DE', 'AT']);
  });

  it.each([
    ['memoize', (fn: (account: Account) => Promise<string>) => memoize(fn)],
    [
      'memo.memoize',
      (fn: (account: Account) => Promise<string>) => new Memoizer(new LocalInMemoryCacheStorage()).memoize(fn),
    ],
  ])('are operated by any instance of that name, wrapped by %s', async (_, wrap) => {
    const cached = wrap(bank().balanceOf);
    await cached(new Account('DE', 1));
    expect(await cached.exists([new Account('DE', 1)])).toBe(true);
    expect(await cached.exists([new Account('DE', 2)])).toBe(false);
    expect(await cached.delete([new Account('DE', 1)])).toBe(true);
    expect(await cached(new Account('DE', 1))).toBe('balance 2 of DE 1');
  });

  it('share their entries with other processes, whose class is another one', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const { balanceOf, asked } = bank();
    const here = memoize(balanceOf, { name: 'balance', storage });
    const there = memoize(balanceOf as (account: object) => Promise<string>, {
      name: 'balance',
      storage: asAnotherProcess(storage),
    });
    expect(await here(new Account('DE', 1))).toBe('balance 1 of DE 1');
    expect(await there(new ForeignAccount('DE', 1))).toBe('balance 1 of DE 1');
    expect(storage.peek('balance:(#memo:["Account","DE",1])')).toBeDefined();
    expect(await there.delete([new ForeignAccount('DE', 1)])).toBe(true);
    expect(await here.exists([new Account('DE', 1)])).toBe(false);
    expect(asked).toEqual(['DE']);
  });

  it('share them by a Memoizer, in its namespace', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const { balanceOf, asked } = bank();
    const here = new Memoizer(storage, { namespace: 'bank' }).memoize(balanceOf, { name: 'balance' });
    const there = new Memoizer(asAnotherProcess(storage), { namespace: 'bank' }).memoize(
      balanceOf as (account: object) => Promise<string>,
      { name: 'balance' },
    );
    expect(await here(new Account('DE', 1))).toBe('balance 1 of DE 1');
    expect(await there(new ForeignAccount('DE', 1))).toBe('balance 1 of DE 1');
    expect(storage.peek('bank/balance:(#memo:["Account","DE",1])')).toBeDefined();
    expect(await here.refresh(new Account('DE', 1))).toBe('balance 2 of DE 1');
    expect(await there(new ForeignAccount('DE', 1))).toBe('balance 2 of DE 1');
    expect(asked).toHaveLength(2);
  });

  it('may have options that depend on what the instance is called', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    const revisions = new Map([['DE', 1]]);
    const cached = memo.memoize(bank().balanceOf, { etag: ({ country }) => revisions.get(country) });
    expect(await cached(new Account('DE', 1))).toBe('balance 1 of DE 1');
    revisions.set('DE', 2);
    expect(await cached(new Account('DE', 1))).toBe('balance 2 of DE 1');
    expect(await cached.etag([new Account('DE', 1)])).toBe('2');
  });
});
