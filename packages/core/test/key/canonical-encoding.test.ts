import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../src/errors.js';
import { encodeArgument, encodeArguments } from '../../src/key/canonical-encoding.js';
import { memoKey } from '../../src/key/memo-key.js';
import { sameArguments } from './same-content.js';

describe('encodeArguments', () => {
  it.each<[unknown[], string]>([
    [[], '()'],
    [[undefined], '()'],
    [['42'], '42'],
    [[''], '("")'],
    [['(42)'], '("(42)")'],
    [['=42'], '("=42")'],
    [['#42'], '#42'],
    [['\ud800'], '("\\ud800")'],
    [['a', undefined, undefined], 'a'],
    [['a', undefined, 'b'], '("a",#undefined,"b")'],
    [[42], '(42)'],
    [[-0], '(0)'],
    [[NaN], '(#NaN)'],
    [[-Infinity], '(#-Infinity)'],
    [[1e21], '(1e+21)'],
    [[2 ** 53], '(9007199254740992)'],
    [[0.1], '(0.1)'],
    [[42n], '(#42n)'],
    [[true], '(true)'],
    [[null], '(null)'],
    [['a"\\\n', 1], '("a\\"\\\\\\n",1)'],
    [['\ud800', 1], '("\\ud800",1)'],
    [['a\n\u0000', 'b'], '("a\n\u0000","b")'],
    [[1, 'a', 'b', true, 'c', '"', 'd'], '(1,"a","b",true,"c","\\"","d")'],
    [[['a', [1]]], '(["a",[1]])'],
    [[[]], '([])'],
    [[{ b: 1, a: 'x', c: undefined }], '({"a":"x","b":1})'],
    [[{ 'a"b': 1 }], '({"a\\"b":1})'],
    [[{}], '({})'],
    [[{ a: 'x', b: 'y', c: 1, d: 'z', e: '"', f: 'x' }], '({"a":"x","b":"y","c":1,"d":"z","e":"\\"","f":"x"})'],
    [[{ a: undefined, b: 'x', c: undefined, d: 1, e: undefined }], '({"b":"x","d":1})'],
    [[{ b: 1, 10: 2, 9: 3, '': 4 }], '({"":4,"10":2,"9":3,"b":1})'],
    [[new Date(5)], '(#Date:5)'],
    [[/a\/"b/gi], '(#RegExp:"a\\\\/\\"b""gi")'],
    [[new URL('https://a.example/b?c=d')], '(#URL:"https://a.example/b?c=d")'],
    [
      [
        new Map<unknown, unknown>([
          ['a', 1],
          [{ b: 2 }, null],
        ]),
      ],
      '(#Map{"a":1,{"b":2}:null})',
    ],
    [[new Set([1, 'a'])], '(#Set[1,"a"])'],
    [[new Uint8Array([0, 255])], '(#Uint8Array:00ff)'],
    [[new Uint16Array([1])], '(#Uint16Array:0100)'],
    [[new Uint8Array([1, 2, 3]).subarray(1)], '(#Uint8Array:0203)'],
    [[new Uint8Array([1, 2, 3]).buffer], '(#ArrayBuffer:010203)'],
    [[new DataView(new ArrayBuffer(1))], '(#DataView:00)'],
  ])('names %o', (args, key) => {
    expect(encodeArguments(args)).toBe(key);
  });

  it('tells apart what looks alike', () => {
    const lists = [
      ['1'],
      [1],
      [1n],
      [true],
      [[1]],
      [new Date(1)],
      [null],
      [],
      ['1', '1'],
      [['1', '1']],
      ['undefined'],
      ['null'],
      ['true'],
      [[]],
      [{}],
      ['()'],
      ['[]'],
      ['{}'],
      ['NaN'],
      [NaN],
      ['#NaN'],
      [[undefined]],
      [[null]],
      [undefined, null],
      [[1, 2]],
      [1, 2],
      [[[1], 2]],
      [['1,2']],
      ['1,2'],
      [{ a: 1 }],
      [new Map([['a', 1]])],
      [['a', 1]],
      [new Set(['a', 1])],
      [new Set([1, 'a'])],
      [/a/],
      ['/a/'],
      [/a/g],
      ['https://a.example/'],
      [new URL('https://a.example/')],
      [new Uint8Array([1])],
      [new Int8Array([1])],
      [new Uint8Array([1]).buffer],
      [new DataView(new Uint8Array([1]).buffer)],
      [{ [memoKey]: () => '1' }],
      [{ [memoKey]: () => 1 }],
      ['\ud800'],
      ['\udc00'],
      ['\ufffd'],
      ['\\ud800'],
      [['\ud800']],
      [{ a: { b: 1 } }],
      [{ a: 1, b: undefined, c: 1 }],
      [{ 'a":1,"b': 1 }],
      [{ a: 1, b: 1 }],
      [''],
      [['']],
      ['', ''],
    ];
    const keys = lists.map((list) => encodeArguments(list));
    expect(new Set(keys).size).toBe(lists.length);
  });

  it('takes as equal what reads the same', () => {
    const same = (left: unknown, right: unknown): void =>
      expect(encodeArguments([left])).toBe(encodeArguments([right]));
    same({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 });
    same({ 1: 'x', b: 1 }, { b: 1, 1: 'x' });
    same({ a: undefined }, {});
    same(Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 });
    same([, 1], [undefined, 1]);
    same(Buffer.from([1, 2]), new Uint8Array([1, 2]));
    same(runInNewContext('({ a: [1] })'), { a: [1] });
    const shared = { a: 1 };
    same([shared, shared], [{ a: 1 }, { a: 1 }]);
    same(new Proxy({ a: 1 }, {}), { a: 1 });
    const anything = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`name${index}`, index]));
    same(anything, Object.fromEntries(Object.entries(anything).reverse()));
  });

  it('does not look at what is not enumerable, nor at the named properties of arrays', () => {
    const hidden = Object.defineProperty({ a: 1 }, 'b', { value: 2 });
    const hiddenSymbol = Object.defineProperty({ a: 1 }, Symbol('b'), { value: 2 });
    expect(encodeArguments([hidden, hiddenSymbol])).toBe('({"a":1},{"a":1})');
    expect(encodeArguments([Object.assign([1], { index: 0 })])).toBe('([1])');
    expect(encodeArguments([{ toJSON: undefined, a: 1 }])).toBe('({"a":1})');
  });

  it('leaves out the arguments before the first one that counts', () => {
    expect(encodeArguments([() => 1, 'a'], 1)).toBe('a');
    expect(encodeArguments([{}, 'a', 2], 1)).toBe('("a",2)');
    expect(encodeArguments([{}], 1)).toBe('()');
    expect(encodeArguments([], 1)).toBe('()');
  });

  it('asks objects for their name in keys', () => {
    class User {
      readonly #id: unknown;
      constructor(id: unknown) {
        this.#id = id;
      }
      [memoKey](): unknown {
        return this.#id;
      }
    }
    expect(encodeArguments([new User('a')])).toBe('(#memo:"a")');
    expect(encodeArguments([{ users: [new User(['a', 1])] }])).toBe('({"users":[#memo:["a",1]]})');
    expect(encodeArguments([Object.assign(() => 1, { [memoKey]: () => 'f' })])).toBe('(#memo:"f")');
    expect(encodeArguments([{ huge: new Map(), [memoKey]: () => 7 }])).toBe('(#memo:7)');
    expect(memoKey).toBe(Symbol.for('@memo/key'));
  });

  it('takes no names of properties for others, however many there are', () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 2_500; index++) {
        expect(encodeArguments([{ [`n${index}`]: index }])).toBe(`({"n${index}":${index}})`);
      }
    }
    expect(encodeArguments([{ n0: 0, ['x'.repeat(50)]: 1 }])).toBe(`({"n0":0,"${'x'.repeat(50)}":1})`);
  });

  it('takes no number for another, however many there are', () => {
    const numbers = [0, 1, 4_096, 4_097, -1, 4_095, 8_191, 0.5, 4_096.5, 2 ** 32, 2 ** 53, 1e21, 5e-324, -0, 1.7e308];
    for (let round = 0; round < 3; round++) {
      for (const number of numbers) {
        expect(encodeArguments([number])).toBe(`(${number})`);
        expect(encodeArgument(number)).toBe(`(${number})`);
      }
    }
  });
});

describe('encodeArguments refuses', () => {
  class User {
    socket = () => 1;
  }
  const cyclic: Record<string, unknown> = { name: 'a' };
  cyclic['friends'] = [{ best: cyclic }];
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
  const nestedLists = (levels: number): unknown => (levels === 1 ? [] : [nestedLists(levels - 1)]);
  const unread = {
    get secret(): never {
      throw new Error('no access');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const nameTheCall = `Let the option 'key' name the call without it.`;
  const nameIt = `Let the option 'key' name it by text, numbers or plain data, or give its class a [memoKey]() method.`;
  const byClass = 'an instance of this class is not named by its content';

  it.each<[string, unknown[], string]>([
    [
      'a function',
      [1, cyclicFree],
      `arguments[1] cannot be part of a key: a function has no content to be named by, got function cyclicFree. ${nameTheCall}`,
    ],
    [
      'a function inside',
      [{ user: { friends: [1, 2, () => 1] } }],
      `arguments[0].user.friends[2] cannot be part of a key: a function has no content to be named by, got an anonymous function. ${nameTheCall}`,
    ],
    [
      'a symbol',
      [Symbol('s')],
      `arguments[0] cannot be part of a key: a symbol has no content to be named by, got Symbol(s). ${nameTheCall}`,
    ],
    [
      'a symbol as a name',
      [{ [Symbol('s')]: 1 }],
      `arguments[0] cannot be part of a key: its property Symbol(s) has a symbol for a name, got an object of class Object. ${nameTheCall}`,
    ],
    [
      'an instance',
      [{ 'my user': new User() }],
      `arguments[0]["my user"] cannot be part of a key: ${byClass}, got an object of class User. ${nameIt}`,
    ],
    [
      'an error',
      [new TypeError('x')],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class TypeError. ${nameIt}`,
    ],
    [
      'a promise',
      [Promise.resolve(1)],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class Promise. ${nameIt}`,
    ],
    [
      'a weak map',
      [new WeakMap()],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class WeakMap. ${nameIt}`,
    ],
    [
      'a boxed number',
      [Object(1)],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class Number. ${nameIt}`,
    ],
    [
      'a subclass of Date',
      [new (class Moment extends Date {})(5)],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class Moment. ${nameIt}`,
    ],
    [
      'a subclass of Array',
      [new (class List extends Array {})()],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class List. ${nameIt}`,
    ],
    [
      'a subclass of Uint8Array',
      [new (class Bytes extends Uint8Array {})(2)],
      `arguments[0] cannot be part of a key: ${byClass}, got an object of class Bytes. ${nameIt}`,
    ],
    [
      'an invalid date',
      [{ since: new Date(NaN) }],
      'arguments[0].since cannot be part of a key: it is an invalid Date, got an object of class Date. Check the date before the call.',
    ],
    [
      'a cycle',
      [cyclic],
      `arguments[0].friends[0].best cannot be part of a key: it contains itself, got an object of class Object. Let the option 'key' name it by a part of it.`,
    ],
    [
      'deep nesting',
      [nested(502)],
      `arguments[0]${'.a'.repeat(52)}.... cannot be part of a key: it is nested more than 500 levels deep, got an object of class Object. Let the option 'key' name it by text or numbers.`,
    ],
    [
      'hopelessly deep nesting',
      [nested(5_000)],
      `arguments[0]${'.a'.repeat(52)}.... cannot be part of a key: it is nested more than 500 levels deep, got an object of class Object. Let the option 'key' name it by text or numbers.`,
    ],
    [
      'a key of a Map',
      [
        new Map([
          ['a', 1],
          [User, 1],
        ] as never),
      ],
      `arguments[0].entries[1].key cannot be part of a key: a function has no content to be named by, got function User. ${nameTheCall}`,
    ],
    [
      'a value of a Map',
      [new Map([['a', User]])],
      `arguments[0].entries[0].value cannot be part of a key: a function has no content to be named by, got function User. ${nameTheCall}`,
    ],
    [
      'an element of a Set',
      [new Set([1, User])],
      `arguments[0].values[1] cannot be part of a key: a function has no content to be named by, got function User. ${nameTheCall}`,
    ],
    [
      'a property that throws',
      [unread],
      'arguments[0].secret cannot be part of a key: reading it threw "no access", got an object of class Error.',
    ],
    [
      'a name that throws',
      [{ [memoKey]: () => unread.secret }],
      'arguments[0][memoKey]() cannot be part of a key: reading it threw "no access", got an object of class Error.',
    ],
    [
      'a name that is none',
      [{ [memoKey]: () => User }],
      `arguments[0][memoKey]() cannot be part of a key: a function has no content to be named by, got function User. ${nameTheCall}`,
    ],
    [
      'a revoked proxy',
      [revoked.proxy],
      `arguments[0] cannot be part of a key: reading it threw "Cannot perform 'getPrototypeOf' on a proxy that has been revoked", got an object of class TypeError.`,
    ],
  ])('%s', (_, args, message) => {
    const error = thrownBy(() => encodeArguments(args));
    expect(InvalidKeyError.isInstance(error) && error.message).toBe(message);
  });

  it('nothing that is nested 500 levels deep, on any of several ways', () => {
    expect(encodeArguments([nested(500)])).toBe(`(${'{"a":'.repeat(500)}1${'}'.repeat(500)})`);
    expect(encodeArguments([nestedLists(501)])).toBe(`(${'['.repeat(501)}${']'.repeat(501)})`);
    expect(encodeArguments([1, nestedLists(501)])).toBe(`(1,${'['.repeat(501)}${']'.repeat(501)})`);
  });

  it('lists that are nested deeper', () => {
    for (const args of [[nestedLists(502)], [1, nestedLists(502)]]) {
      const error = thrownBy(() => encodeArguments(args));
      const path = `arguments[${args.length - 1}]${'[0]'.repeat(35)}`;
      expect(InvalidKeyError.isInstance(error) && error.message).toBe(
        `${path}... cannot be part of a key: it is nested more than 500 levels deep, got an object of class Array. Let the option 'key' name it by text or numbers.`,
      );
    }
  });

  it('the argument that it is, where the first ones do not count', () => {
    const error = thrownBy(() => encodeArguments([{}, () => 1], 1));
    expect(InvalidKeyError.isInstance(error) && error.message).toBe(
      `arguments[1] cannot be part of a key: a function has no content to be named by, got an anonymous function. ${nameTheCall}`,
    );
  });

  function cyclicFree(): void {}
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('keys', () => {
  const hostileText = fc.oneof(
    fc.string({
      unit: fc.constantFrom(...Array.from('"\\#()[]{}:,=1nab\u0000\n'), '\ud800', '\udc00', '😀', '#Date:'),
      maxLength: 6,
    }),
    fc.constantFrom('', '1', 'true', 'null', 'undefined', '()', '(1)', '("a",1)', '[1]', '{"a":1}', '#undefined', '=a'),
  );
  const name = fc.oneof(fc.constantFrom('a', 'b', 'c', '1', '__proto__', 'constructor', 'a":1,"b'), hostileText);
  const primitive = fc.oneof(
    hostileText,
    fc.constantFrom(0, -0, 1, -1, 1.5, NaN, Infinity, -Infinity, 1e21, 0n, 1n, -1n, true, false, null, undefined),
    fc.double(),
    fc.bigInt(),
  );
  const bytes = fc.uint8Array({ maxLength: 8, size: 'xsmall' }).filter((array) => array.length % 8 === 0);
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, primitive, tie('container'), tie('builtIn')),
    container: fc.oneof(
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: false }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((pairs) => new Map(pairs)),
      fc.array(tie('value'), { maxLength: 3 }).map((elements) => new Set(elements)),
    ),
    builtIn: fc.oneof(
      fc.constantFrom(0, 1, 1_000).map((time) => new Date(time)),
      fc.constantFrom(/a/, /a/g, /"/, /[/,:]/, /\(1\)/),
      fc.constantFrom('https://a.example/', 'https://a.example/?"').map((href) => new URL(href)),
      bytes,
      bytes.map((array) => array.slice().buffer),
      bytes.map((array) => new DataView(array.slice().buffer)),
      bytes.map((array) => new Float64Array(array.slice().buffer)),
      bytes.map((array) => new Int8Array(array.slice().buffer)),
    ),
  }));
  // So few that many of them look alike and some are equal.
  const lookAlike = fc.constantFrom<unknown>(
    ...[1, 1n, '1', '1n', '#1n', true, 'true', null, 'null', undefined, '#undefined', NaN, '#NaN', '\ud800', '\ufffd'],
    ...[new Date(1), new Set([1]), new Map([[1, 1]]), new Uint8Array([1]), new Int8Array([1]), [1], ['1'], { 1: 1 }],
  );
  const list = fc.oneof(fc.array(value, { maxLength: 3 }), fc.array(lookAlike, { maxLength: 2 }));

  it('are equal for equal arguments and different for all others, over pairs of lists', () => {
    let equal = 0;
    fc.assert(
      fc.property(fc.array(list, { minLength: 12, maxLength: 12 }), (lists) => {
        const keys = lists.map((each) => encodeArguments(each));
        for (const [left, leftKey] of keys.entries()) {
          for (const [right, rightKey] of keys.entries()) {
            const same = sameArguments(lists[left]!, lists[right]!);
            if (same && left !== right) equal++;
            if ((leftKey === rightKey) !== same) expect([lists[left], leftKey]).toEqual([lists[right], rightKey]);
          }
        }
      }),
      { numRuns: 1_000 },
    );
    // Otherwise the test would say nothing about equal ones.
    expect(equal).toBeGreaterThan(1_000);
  });

  it('are equal for a list that was written in another way', () => {
    fc.assert(
      fc.property(list, fc.nat({ max: 2 }), (args, trailing) => {
        const rewritten = [...args.map(rewrite), ...Array<undefined>(trailing).fill(undefined)];
        expect(sameArguments(args, rewritten)).toBe(true);
        expect(encodeArguments(rewritten)).toBe(encodeArguments(args));
      }),
      { numRuns: 3_000 },
    );
  });

  it('are never the key of the text that they are', () => {
    fc.assert(
      fc.property(list, (args) => {
        const key = encodeArguments(args);
        expect(encodeArguments([key]) === key).toBe(sameArguments(args, [key]));
        expect(encodeArguments([[key]])).not.toBe(key);
        expect(encodeArguments([key, 1])).not.toBe(key);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are well-formed text, which no storage has to change', () => {
    fc.assert(
      fc.property(list, (args) => encodeArguments(args).isWellFormed()),
      { numRuns: 3_000 },
    );
  });
});

/** The same content: other objects, properties in another order and some more that are undefined, `-0` for `0`. */
function rewrite(value: unknown): unknown {
  if (value === 0) return -0;
  if (typeof value !== 'object' || value === null || value instanceof URL || value instanceof RegExp) return value;
  if (Array.isArray(value)) return Array.from(value, rewrite);
  if (value instanceof Map) return new Map(Array.from(value, ([key, its]) => [rewrite(key), rewrite(its)]));
  if (value instanceof Set) return new Set(Array.from(value, rewrite));
  if (value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return structuredClone(value);
  const properties: [string, unknown][] = Object.entries(value).map(([name, its]) => [name, rewrite(its)]);
  return Object.fromEntries([...properties, ['absent', undefined] as [string, unknown]].reverse());
}
