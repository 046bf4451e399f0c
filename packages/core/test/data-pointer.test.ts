import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataPointer, isDataPointerText, parseDataPointer } from '../src/data-pointer.js';
import { DataPointerError, InvalidOptionError } from '../src/errors.js';

const origin = { call: 'memoize', option: 'expireAfter' };

function pointer(text: string): DataPointer {
  return parseDataPointer(text, origin);
}

/** What stands there, or where there is nothing any more. */
function found(text: string, root: unknown): unknown {
  const answer = pointer(text).find(root);
  return answer.there ? answer.value : `nothing at ${answer.place}`;
}

class Token {
  readonly #expiresAt: number;
  readonly kind = 'token';

  constructor(expiresAt: number) {
    this.#expiresAt = expiresAt;
  }

  get expiresAt(): number {
    return this.#expiresAt;
  }

  renew(): number {
    return this.#expiresAt;
  }
}

class SpecialToken extends Token {}

describe('a data pointer', () => {
  it.each<[text: string, root: unknown, value: unknown]>([
    ['$.attribute', { attribute: 1 }, 1],
    ['$.token.expiresAt', { token: { expiresAt: 2 } }, 2],
    ['$.items.0.x', { items: [{ x: 3 }] }, 3],
    ['$.items[0].x', { items: [{ x: 3 }] }, 3],
    ['$[1]', [4, 5], 5],
    ['$[0][1]', [[4, 5]], 5],
    ['$.0', { 0: 6 }, 6],
    ['$.bytes[1]', { bytes: new Uint8Array([7, 8]) }, 8],
    ['$.items.length', { items: [1, 2, 3] }, 3],
    [`$['a.b']`, { 'a.b': 7 }, 7],
    [`$.x["it's: a [name]"].y`, { x: { "it's: a [name]": { y: 8 } } }, 8],
    [`$['']`, { '': 9 }, 9],
    ['$.cache-control.max-age', { 'cache-control': { 'max-age': 10 } }, 10],
    ['$.größe.$ref.@id', { größe: { $ref: { '@id': 11 } } }, 11],
    ['  $.a  ', { a: 12 }, 12],
    ['$.a.b', new Map([['a', { b: 13 }]]), 13],
    ['$.a.b', { a: new Map([['b', 14]]) }, 14],
    ['$.a.5', { a: new Map([[5, 15]]) }, 15],
    ['$.a[5]', { a: new Map([[5, 15]]) }, 15],
    [
      '$.a.5',
      {
        a: new Map<unknown, number>([
          [5, 15],
          ['5', 16],
        ]),
      },
      16,
    ],
    ['$.a.-1', { a: new Map([[-1, 17]]) }, 17],
    ['$.token.expiresAt', { token: new Token(18) }, 18],
    ['$.token.expiresAt', { token: new SpecialToken(19) }, 19],
    ['$.token.kind', { token: new Token(18) }, 'token'],
    ['$.a', Object.create({ a: 20 }), 20],
    ['$.a', Object.assign(Object.create(null) as object, { a: 21 }), 21],
    ['$.a', Object.assign(() => 0, { a: 22 }), 22],
    ['$.a', { a: null }, null],
    ['$.a', { a: false }, false],
    ['$.__proto__.a', JSON.parse('{ "__proto__": { "a": 23 } }'), 23],
    ['$.constructor', { constructor: 24 }, 24],
  ])('%s finds what stands there: %#', (text, root, value) => {
    expect(found(text, root)).toBe(value);
  });

  it('asks a getter of what it belongs to', () => {
    const value = {
      seconds: 5,
      get expiresIn() {
        return this.seconds;
      },
    };
    expect(found('$.expiresIn', value)).toBe(5);
  });

  it.each<[text: string, root: unknown, place: string]>([
    ['$.a', {}, '$.a'],
    ['$.a.b.c', { a: {} }, '$.a.b'],
    ['$.a.b.c', { a: null }, '$.a.b'],
    ['$.a[1].c:seconds', { a: [{}] }, '$.a[1]'],
    ['$.a["b"]', { a: 'text' }, '$.a["b"]'],
    ['$.a.length', { a: 'text' }, '$.a.length'],
    ['$.a', undefined, '$.a'],
    ['$.a', null, '$.a'],
    ['$.a', 5, '$.a'],
    ['$.a', { a: undefined }, '$.a'],
    ['$.a', new Map([['a', undefined]]), '$.a'],
    ['$.a.5', { a: new Map([['05', 1]]) }, '$.a.5'],
    ['$.size', new Map([['a', 1]]), '$.size'],
  ])('%s finds nothing: %#', (text, root, place) => {
    expect(pointer(text).find(root)).toEqual({ there: false, place });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    'does not take %s for data, which every object has',
    (name) => {
      for (const root of [{}, [], new Token(1), new Map(), () => 0, new Date(), Object.create(null)]) {
        expect(pointer(`$.${name}`).find(root)).toEqual({ there: false, place: `$.${name}` });
        expect(pointer(`$.${name}.name`).find(root)).toEqual({ there: false, place: `$.${name}` });
      }
    },
  );

  it('takes no method for data', () => {
    expect(pointer('$.renew').find(new Token(1))).toEqual({ there: false, place: '$.renew' });
    expect(pointer('$.getTime').find(new Date())).toEqual({ there: false, place: '$.getTime' });
  });

  it('takes what every object of another realm has for what it is', () => {
    const foreign: object = Object.create(
      Object.defineProperties(Object.create(null) as object, {
        hasOwnProperty: { value: () => true },
        ttl: { value: 1 },
      }),
    ) as object;
    expect(pointer('$.ttl').find(foreign)).toEqual({ there: false, place: '$.ttl' });
  });

  it('says where a value cannot be read, and why', () => {
    const cause = new Error('closed');
    const value = {
      token: {
        get expiresAt(): number {
          throw cause;
        },
      },
    };
    let error: unknown;
    try {
      pointer('$.token.expiresAt.seconds:unix').find(value);
    } catch (thrown) {
      error = thrown;
    }
    expect(DataPointerError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'DATA_POINTER',
      message: 'The data pointer "$.token.expiresAt.seconds:unix": $.token.expiresAt cannot be read: closed',
      cause,
      context: { pointer: '$.token.expiresAt.seconds:unix' },
    });
  });

  it.each<[text: string, unit: DataPointer['unit'], ignoresMissing: boolean]>([
    ['$.a', undefined, false],
    ['$.a:seconds', 'seconds', false],
    ['$.a:milliseconds', 'milliseconds', false],
    ['$.a:unix', 'unix', false],
    ['$.a:ignore_missing', undefined, true],
    ['$.a:ignore_missing:unix', 'unix', true],
    ['$.a:seconds:ignore_missing', 'seconds', true],
    [' $.a[0]:seconds:ignore_missing ', 'seconds', true],
  ])('%s has suffixes', (text, unit, ignoresMissing) => {
    expect(pointer(text)).toMatchObject({ text, unit, ignoresMissing });
    expect(found(text, { a: [1] })).toEqual(text.includes('[') ? 1 : [1]);
  });

  it.each<[text: string, advice: string]>([
    ['token.expiresAt', `A data pointer begins with '$': did you mean '$.token.expiresAt'?`],
    ['.token', `A data pointer begins with '$': did you mean '$.token'?`],
    ['', `A data pointer begins with '$'.`],
    ['$', `It points to the whole value: name a part of it, such as '$.expiresAt'.`],
    [' $ ', `It points to the whole value: name a part of it, such as '$.expiresAt'.`],
    ['$.', `There is no name after the point at character 2.`],
    ['$.a.', `There is no name after the point at character 4: did you mean '$.a'?`],
    ['$..a', `There is no name after the point at character 2: did you mean '$.a'?`],
    ['$.a..b', `There is no name after the point at character 4: did you mean '$.a.b'?`],
    ['$.a.[0]', `There is no name after the point at character 4: did you mean '$.a[0]'?`],
    ['$a.b', `Expected a point and a name, an index in brackets or a suffix at character 2: did you mean '$.a.b'?`],
    ['$.a"b"', `Expected a point and a name, an index in brackets or a suffix at character 4.`],
    ['$.a[', `Expected an index such as [0] or a name in quotes in the brackets at character 4.`],
    [
      '$.a[x].b',
      `Expected an index such as [0] or a name in quotes in the brackets at character 4: did you mean '$.a["x"].b'?`,
    ],
    ['$.a[-1]', `Expected an index such as [0] or a name in quotes in the brackets at character 4.`],
    ['$.a[01]', `Expected an index such as [0] or a name in quotes in the brackets at character 4.`],
    ['$.*', `There are no wildcards: one pointer finds one part (at character 2).`],
    ['$.a[*].b', `There are no wildcards: one pointer finds one part (at character 4).`],
    ['$.a b', `A name with spaces stands in brackets and quotes (at character 4): did you mean '$["a b"]'?`],
    ['$.a b c.d', `A name with spaces stands in brackets and quotes (at character 4): did you mean '$["a b c"].d'?`],
    ['$:seconds', `There is no name before the suffix at character 2.`],
    [
      '$.a:second',
      `Unknown suffix ':second' at character 4; there are :seconds, :milliseconds, :unix, :ignore_missing: did you mean '$.a:seconds'?`,
    ],
    [
      '$.a:ms:ignore_missing',
      `Unknown suffix ':ms' at character 4; there are :seconds, :milliseconds, :unix, :ignore_missing: did you mean '$.a:milliseconds:ignore_missing'?`,
    ],
    [
      '$.a:Unix',
      `Unknown suffix ':Unix' at character 4; there are :seconds, :milliseconds, :unix, :ignore_missing: did you mean '$.a:unix'?`,
    ],
    [
      '$.a:minutes',
      `Unknown suffix ':minutes' at character 4; there are :seconds, :milliseconds, :unix, :ignore_missing.`,
    ],
    ['$.a:', `Unknown suffix ':' at character 4; there are :seconds, :milliseconds, :unix, :ignore_missing.`],
    ['$.a:seconds.b', `Suffixes stand after the whole path (at character 4): did you mean '$.a.b:seconds'?`],
    ['$.a:seconds:unix', `It has two units, of which the second stands at character 12.`],
    ['$.a:unix:ignore_missing:unix', `It has two units, of which the second stands at character 24.`],
    ['$.a:ignore_missing:ignore_missing', `The suffix ':ignore_missing' stands there twice (at character 19).`],
  ])('%j is refused where it is written', (text, advice) => {
    const expected = `a data pointer such as '$.token.expiresAt' or '$.items[0].ttl:seconds'`;
    expect(() => pointer(text)).toThrow(new InvalidOptionError({ ...origin, expected, received: text, advice }));
    expect(() => pointer(text)).toThrow(
      `memoize: option 'expireAfter' should be ${expected}, got ${JSON.stringify(text)}. ${advice}`,
    );
  });

  it('is told from other text by its first sign', () => {
    const meant = ['$', '$.a', ' $.a', '$a'].map(isDataPointerText);
    const others = ['', 'a', '10 minutes', '.a', 'a$'].map(isDataPointerText);
    expect([...meant, ...others]).toEqual([true, true, true, true, false, false, false, false, false]);
  });
});

describe('whatever the text of a data pointer', () => {
  const signs = fc.constantFrom('$', '.', '[', ']', '"', "'", ':', '*', ' ', '0', '1', 'a', 'b', 'seconds', 'unix');
  const anyText = fc.oneof(
    fc.array(signs, { maxLength: 12 }).map((list) => list.join('')),
    fc.array(signs, { maxLength: 12 }).map((list) => `$.a${list.join('')}`),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );

  it('it is read, or refused with a proposal that is right', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          pointer(text);
        } catch (error) {
          if (!InvalidOptionError.isInstance(error)) throw error;
          const [, proposal] = /did you mean '([^]*)'\?$/.exec(error.message) ?? [];
          if (proposal !== undefined) expect(() => pointer(proposal)).not.toThrow();
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '$' + '.a'.repeat(50_000),
    '$' + '['.repeat(100_000),
    '$.' + ' '.repeat(100_000),
    '$.a' + ':'.repeat(100_000),
  ])('it is read at once, however long: %#', (text) => {
    const before = performance.now();
    try {
      pointer(text);
    } catch (error) {
      expect(InvalidOptionError.isInstance(error)).toBe(true);
    }
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('whatever the value', () => {
  const anyName = fc.oneof(
    fc.string({ minLength: 1 }).filter((text) => !/['"]/.test(text)),
    fc.constantFrom('__proto__', 'constructor', 'a.b', '0', 'length', 'get'),
  );
  const wrappers = fc.constantFrom<(name: string, value: unknown) => unknown>(
    (name, value) => new Map([[name, value]]),
    (name, value) => Object.defineProperty({}, name, { value, enumerable: true }),
    (name, value) => Object.defineProperty(Object.create(null), name, { get: () => value }),
    (name, value) => Object.defineProperty(() => 0, name, { value }),
  );

  it('a path of quoted names finds what was put there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyName, wrappers), { minLength: 1, maxLength: 6 }), (steps) => {
        const innermost = { here: true };
        const path = steps.map(([name, wrap]) => ({ name, wrap }));
        const root = path.reduceRight<unknown>((value, { name, wrap }) => wrap(name, value), innermost);
        expect(found(`$${path.map(({ name }) => `['${name}']`).join('')}`, root)).toBe(innermost);
      }),
    );
  });

  it('nothing is found that is not there, and nothing crashes', () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withNullPrototype: true }),
        fc.array(anyName, { minLength: 1 }),
        (root, names) => {
          const text = `$${names.map((name) => `["${name}"]`).join('')}`;
          const answer = pointer(text).find(root);
          if (answer.there) expect(answer.value).not.toBe(undefined);
          else expect(text.startsWith(answer.place)).toBe(true);
        },
      ),
    );
  });
});
