import { describe, expect, it } from 'vitest';
import { InvalidOptionError, MissingResourceError, NotDisposableError } from '../../src/errors.js';
import type { DisposeOption } from '../../src/resources/dispose-option.js';
import { resourcePolicyFrom } from '../../src/resources/resource-policy-from.js';
import { ManualClock } from '../../src/testing/index.js';
import { Connection, failureOf, policyFor } from './connections.js';

const advice = 'A function as the option, (value, why) => …, closes anything.';

describe('what cannot be closed', () => {
  it.each<[dispose: DisposeOption, value: unknown, message: string]>([
    [true, 7, `the value should have [Symbol.asyncDispose]() or [Symbol.dispose](), got 7. ${advice}`],
    [true, null, `the value should have [Symbol.asyncDispose]() or [Symbol.dispose](), got null. ${advice}`],
    [
      true,
      { [Symbol.dispose]: 'no method' },
      `the value should have [Symbol.asyncDispose]() or [Symbol.dispose](), got an object of class Object. ${advice}`,
    ],
    [
      '$.clients.http',
      { clients: { http: new Map() } },
      `$.clients.http should have [Symbol.asyncDispose]() or [Symbol.dispose](), got an object of class Map. ${advice}`,
    ],
    ['$.http', { http: null }, `$.http should have [Symbol.asyncDispose]() or [Symbol.dispose](), got null. ${advice}`],
    ['*', [1], `$[0] should have [Symbol.asyncDispose]() or [Symbol.dispose](), got 1. ${advice}`],
    ['*', { name: 'x' }, `$.name should have [Symbol.asyncDispose]() or [Symbol.dispose](), got "x". ${advice}`],
    [
      '*',
      new Map([['a b', 'x']]),
      `$["a b"] should have [Symbol.asyncDispose]() or [Symbol.dispose](), got "x". ${advice}`,
    ],
    ['*', new Map([[7, 'x']]), `$[7] should have [Symbol.asyncDispose]() or [Symbol.dispose](), got "x". ${advice}`],
    [
      '*',
      'text',
      `'*' stands for the members of a list, a Set, a Map or an object, and the value is none of them, got "text". ${advice}`,
    ],
  ])('by %o is refused: %o', async (dispose, value, message) => {
    const error = await failureOf(policyFor(dispose).policy.take('key', value));
    expect(error).toBeInstanceOf(NotDisposableError);
    expect((error as Error).message).toBe(`Option 'dispose': ${message}`);
  });

  it('because it is missing is refused, with the place and what to write', async () => {
    const error = await failureOf(policyFor('$.clients.http').policy.take('key', { client: 1 }));
    expect(error).toBeInstanceOf(MissingResourceError);
    expect((error as Error).message).toBe(
      `Option 'dispose': "$.clients.http" points to nothing, since the value has no $.clients. ` +
        `Where it may be missing, write "$.clients.http:ignore_missing".`,
    );
  });

  it.each<[DisposeOption, (log: string[]) => unknown]>([
    [['$.a', '$.b', '$.c'], (log) => ({ a: new Connection('a', log), c: new Connection('c', log) })],
    ['*', (log) => [new Connection('a', log), 'b', new Connection('c', log)]],
  ])('by %o leaves nothing open of the rest, which is closed by then', async (dispose, valueWith) => {
    const { policy, log } = policyFor(dispose, { closeDelay: 60_000 });
    await failureOf(policy.take('key', valueWith(log)));
    expect(log).toEqual(['close c', 'close a']);
  });

  it('leaves open what an entry keeps', async () => {
    const { policy, take, settle, log } = policyFor('*');
    const shared = new Connection('shared', log);
    take([shared]);
    await failureOf(policy.take('key', [shared, 7]));
    await settle();
    expect(log).toEqual([]);
  });

  it('since it cannot even be read is refused', async () => {
    const hostile = Object.defineProperty({}, 'client', { get: () => fail('no entry'), enumerable: true });
    for (const dispose of ['*', '$.client'] as const) {
      expect(await failureOf(policyFor(dispose).policy.take('key', hostile))).toBeInstanceOf(Error);
    }
    const proxy = new Proxy({}, { get: () => fail('no entry') });
    expect(await failureOf(policyFor(true).policy.take('key', proxy))).toEqual(new Error('no entry'));
  });
});

describe('the option', () => {
  const expected =
    `true, a data pointer such as '$.clients.http' or a list of them, '*', ` +
    `a function of the value and the reason, or { open, close }`;

  it.each<[unknown, string]>([
    [false, `should be ${expected}, got false.`],
    [null, `should be ${expected}, got null.`],
    [1, `should be ${expected}, got 1.`],
    [[], `should be ${expected}, got an object of class Array.`],
    [[true], `should be ${expected}, got an object of class Array.`],
    [{}, `should be ${expected}, got an object of class Object.`],
    [{ open: () => 1 }, `should be ${expected}, got an object of class Object.`],
    [{ open: 1, close: () => 1 }, `should be ${expected}, got an object of class Object.`],
    [
      'clients.http',
      `should be a data pointer such as '$.token.expiresAt' or '$.items[0].ttl:seconds', got "clients.http". ` +
        `A data pointer begins with '$': did you mean '$.clients.http'?`,
    ],
    [
      ['$.a', '$.b:seconds'],
      `should be a data pointer to what is to be closed, such as '$.clients.http', got "$.b:seconds". ` +
        `':seconds' is the unit of a number.`,
    ],
  ])('is refused where it says nothing: %o', (dispose, message) => {
    const compile = (): unknown =>
      resourcePolicyFrom(dispose as DisposeOption, {
        call: 'memoize',
        closeDelay: 0,
        clock: new ManualClock(),
        report: () => {},
      });
    expect(compile).toThrow(InvalidOptionError);
    expect(messageOf(compile)).toBe(`memoize: option 'dispose' ${message}`);
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It did not throw.');
}

function fail(message: string): never {
  throw new Error(message);
}
