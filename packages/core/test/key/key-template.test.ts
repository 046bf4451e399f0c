import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidKeyError, InvalidOptionError } from '../../src/errors.js';
import { aKeyTemplate, argumentNames, KeyTemplate } from '../../src/key/key-template.js';
import { memoKey } from '../../src/key/memo-key.js';
import { ArgumentsKeyExtractor } from '../../src/key/arguments-key-extractor.js';
import { ProvidedKeyExtractor } from '../../src/key/provided-key-extractor.js';
import { TemplateKeyExtractor } from '../../src/key/template-key-extractor.js';
import { sameArguments } from './same-content.js';

function template(text: string, params?: readonly string[]): KeyTemplate {
  return new KeyTemplate(text, { call: 'memoize', params });
}

function fetchUser(): void {}

describe('KeyTemplate', () => {
  class User {
    readonly #id: string;
    readonly tags = ['first', 'second'];

    constructor(id: string) {
      this.#id = id;
    }

    get id(): string {
      return this.#id;
    }
  }
  class Named {
    [memoKey]() {
      return 'me';
    }
  }
  const mixed = new Map<unknown, unknown>([
    ['user', new User('u1')],
    [3, 'three'],
  ]);

  it.each<[text: string, args: unknown[], filled: string]>([
    ['constant', [1, 2], 'constant'],
    ['user:{0}', ['42'], 'user:42'],
    ['{0}', ['42'], '42'],
    ['{0}', [42], '(42)'],
    ['{0}', [''], '("")'],
    ['{0}', ['(42)'], '("(42)")'],
    ['{0}', ['=42'], '("=42")'],
    ['{0}', ['\ud800'], '("\\ud800")'],
    ['{0}', [null], '(null)'],
    ['env:{0}:id:{1}', ['prod', 'id1'], 'env:prod:id:id1'],
    ['env:{0}:id:{1}', ['prod', 'a:b'], 'env:prod:id:a:b'],
    ['env:{0}:id:{1}', ['a:b', 'id1'], 'env:("a:b"):id:id1'],
    ['env:{1}:id:{0}', ['id1', 'prod'], 'env:prod:id:id1'],
    ['{0}{1}', ['a', 'bc'], '("a")bc'],
    ['{0}{1}', ['ab', 'c'], '("ab")c'],
    ['{0}{1}', [1, 23], '(1)(23)'],
    ['{0}!', ['a', 'b'], 'a!'],
    ['{0}!', ['a!'], '("a!")!'],
    ['{0}{0}', ['a'], '("a")a'],
    ['{0.id}', [{ id: '42', seen: new Date(1) }], '42'],
    ['{0.id}', [new User('42')], '42'],
    ['{0.id}', [{ id: { b: 1, a: [1n] } }], '({"a":[#1n],"b":1})'],
    ['{0.tags[1]}', [new User('42')], 'second'],
    ['{0.tags.1}', [new User('42')], 'second'],
    ['{0[1].id}', [[{}, { id: 'b' }]], 'b'],
    ['{0[id]}', [{ id: '42' }], '42'],
    ['{0[user].id}', [mixed], 'u1'],
    ['{0[3]}', [mixed], 'three'],
    [`{0['a.b']}{0["e-mail"]}`, [{ 'a.b': 'x', 'e-mail': 'y' }], '("x")y'],
    [`{0['it''s']}`.replace(`''`, '`'), [{ 'it`s': 'x' }], 'x'],
    [`{0['']}`, [{ '': 'x' }], 'x'],
    [`{0['}']}`, [{ '}': 'x' }], 'x'],
    ['{0.größe}', [{ größe: 'x' }], 'x'],
    ['{0.first-name}', [{ 'first-name': 'x' }], 'x'],
    ['{0}', [new Named()], '(#memo:"me")'],
    ['{10}', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'ten'], 'ten'],
    ['{{0}}', ['a'], '{0}'],
    ['{{{0}}}', ['a'], '{a}'],
    ['{{{0}}}', ['a}'], '{("a}")}'],
    ['a}}b{{c', [], 'a}b{c'],
    ['${0}', ['a'], '$a'],
    ['💶{0}💶', ['a'], '💶a💶'],
  ])('fills %j with %o', (text, args, filled) => {
    expect(template(text).fill(args)).toBe(filled);
  });

  it('knows arguments by their names', () => {
    const byName = template('env:{environment.id}:id:{user[id]}:{1}', ['environment', 'user', '$limit_2']);
    expect(byName.fill([{ id: 'prod' }, new Map([['id', 'id1']])])).toBe('env:prod:id:id1:(#Map{"id":"id1"})');
    expect(template('{ñame}', ['ñame']).fill(['x'])).toBe('x');
  });

  it('names an argument that is left out, where names say that it is there', () => {
    const byName = template('{id}:{limit}', ['id', 'limit']);
    expect(byName.fill(['a'])).toBe('a:()');
    expect(byName.fill(['a', undefined])).toBe('a:()');
    expect(byName.fill(['a', [undefined]])).toBe('a:([#undefined])');
    expect(byName.fill(['a', '()'])).toBe('a:("()")');
    expect(byName.fill(['a', ''])).toBe('a:("")');
  });

  describe('refuses, where it is written,', () => {
    const there = `memoize: option 'key' should be a template such as 'user:{0.id}', got`;
    it.each<[text: string, advice: string]>([
      ['user:{', `The '{' at character 6 is not closed: write '}' after what it names, or '{{' for a brace.`],
      ['user:{0', `The '{' at character 6 is not closed: write '}' after what it names, or '{{' for a brace.`],
      ['user:{0.', `The '{' at character 6 is not closed: write '}' after what it names, or '{{' for a brace.`],
      ['{0{1}', `The '{' at character 1 is not closed: write '}' after what it names, or '{{' for a brace.`],
      ['{{{', `The '{' at character 3 is not closed: write '}' after what it names, or '{{' for a brace.`],
      ['{0}}', `The '}' at character 4 closes nothing: write '}}' for a brace.`],
      ['}', `The '}' at character 1 closes nothing: write '}}' for a brace.`],
      ['user}:{0}', `The '}' at character 5 closes nothing: write '}}' for a brace.`],
      ['id:{}:env:{}', `There is nothing in the braces at character 4: write {0} for the first argument.`],
      ['{ 0}', `Expected the number or the name of an argument at character 2.`],
      ['{-1}', `Expected the number or the name of an argument at character 2.`],
      ['{01}', `Expected the number or the name of an argument at character 2.`],
      ['{.id}', `Expected the number or the name of an argument at character 2.`],
      ['{"id": 1}', `Expected the number or the name of an argument at character 2.`],
      ['{0..a}', `There is no name after the point at character 3.`],
      ['{0.}', `There is no name after the point at character 3.`],
      ['{0.a.}', `There is no name after the point at character 5.`],
      ['{0. a}', `There is no name after the point at character 3.`],
      ['{0[]}', `Expected an index, a name or a name in quotes in the brackets at character 3.`],
      ['{0[a}', `Expected an index, a name or a name in quotes in the brackets at character 3.`],
      ['{0[a b]}', `Expected an index, a name or a name in quotes in the brackets at character 3.`],
      [`{0['a]}`, `Expected an index, a name or a name in quotes in the brackets at character 3.`],
      ['{0:>5}', `There are no formats or conversions, so '}' is expected at character 3.`],
      ['{0.a!r}', `There are no formats or conversions, so '}' is expected at character 5.`],
      ['{0 }', `Expected a point and a name, an index or a name in brackets, or '}' at character 3.`],
      ['{0.a]}', `Expected a point and a name, an index or a name in brackets, or '}' at character 5.`],
      [
        '{0}{user.id}',
        `There is no argument 'user' (character 5): name all arguments by the option 'params', or write {0} for the first.`,
      ],
      ['{this.id}', `'this' is never part of a key (character 2).`],
    ])('%j', (text, advice) => {
      const error = thrownBy(() => template(text));
      expect(InvalidOptionError.isInstance(error) && error.message).toBe(`${there} ${JSON.stringify(text)}. ${advice}`);
    });

    it.each<[text: string, advice: string]>([
      ['{enviroment.id}', `There is no argument 'enviroment' (character 2): did you mean 'environment'?`],
      ['{User.id}', `There is no argument 'User' (character 2): did you mean 'user'?`],
      ['{tenant}', `There is no argument 'tenant' (character 2): 'params' names environment, user.`],
      ['a:{2}', `There is no argument 2 (character 4): the last in 'params' is {1}.`],
      ['{}', `There is nothing in the braces at character 1: write {environment} for the first argument.`],
      ['{this}', `'this' is never part of a key (character 2).`],
      ['user', `It has no place for what 'params' names: write {environment} for the first argument.`],
    ])('%j where params are named', (text, advice) => {
      const error = thrownBy(() => template(text, ['environment', 'user']));
      expect(InvalidOptionError.isInstance(error) && error.message).toBe(`${there} ${JSON.stringify(text)}. ${advice}`);
    });

    it('nothing else: any other text is a template or says what is wrong, at once', () => {
      const part = fc.oneof(
        fc.constantFrom('{', '}', '{0', '{0}', '.', '[', ']', "'", 'a', '1', ' ', ':'),
        fc.string(),
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
          const text = parts.join('');
          try {
            template(text);
          } catch (error) {
            expect(InvalidOptionError.isInstance(error)).toBe(true);
          }
        }),
        { numRuns: 5_000 },
      );
    });

    it('very long text in no time', () => {
      const began = performance.now();
      for (const text of [
        '{{'.repeat(100_000) + '{',
        `{0${'.a'.repeat(100_000)}`,
        `{${'a'.repeat(200_000)}!`,
        '['.repeat(9),
      ]) {
        outcomeOf(() => template(text));
      }
      expect(performance.now() - began).toBeLessThan(5_000);
    });
  });

  describe('refuses, at a call,', () => {
    const other = `Where it may be missing, let the option 'key' be a function.`;
    it.each<[text: string, args: unknown[], message: string]>([
      [
        '{1}',
        ['a'],
        `{1} cannot be part of a key: the call has no such argument, got undefined. Where it may be left out, name the arguments by the option 'params'.`,
      ],
      [
        '{1}',
        ['a', undefined, 'c'],
        `{1} cannot be part of a key: the call has no such argument, got undefined. Where it may be left out, name the arguments by the option 'params'.`,
      ],
      ['{0.user.id}', [], `{0.user.id} cannot be part of a key: {0} has no 'user', got undefined. ${other}`],
      ['{0.user.id}', [null], `{0.user.id} cannot be part of a key: {0} has no 'user', got null. ${other}`],
      [
        '{0.user.id}',
        [{ user: null }],
        `{0.user.id} cannot be part of a key: {0.user} has no 'id', got null. ${other}`,
      ],
      [
        '{0[user].id}',
        [new Map()],
        `{0[user].id} cannot be part of a key: {0} has no 'user', got an object of class Map. ${other}`,
      ],
      [
        '{0.id}',
        [{ id: undefined }],
        `{0.id} cannot be part of a key: {0} has no 'id', got an object of class Object. ${other}`,
      ],
      [
        '{0.constructor}',
        [{}],
        `{0.constructor} cannot be part of a key: {0} has no 'constructor', got an object of class Object. ${other}`,
      ],
      ['{0[2]}', [['a']], `{0[2]} cannot be part of a key: {0} has no '2', got an object of class Array. ${other}`],
      [
        '{0}',
        [() => 1],
        `{0} cannot be part of a key: a function has no content to be named by, got an anonymous function. Let the option 'key' name the call without it.`,
      ],
      [
        '{0.user}:',
        [{ user: { log: fetchUser } }],
        `{0.user}.log cannot be part of a key: a function has no content to be named by, got function fetchUser. Let the option 'key' name the call without it.`,
      ],
    ])('%j for %o', (text, args, message) => {
      const error = thrownBy(() => template(text).fill(args));
      expect(InvalidKeyError.isInstance(error) && error.message).toBe(message);
    });

    it('a part that cannot be read', () => {
      const user = Object.defineProperty({}, 'id', {
        get: () => {
          throw new RangeError('closed');
        },
      });
      expect(() => template('{0.user.id.part}').fill([{ user }])).toThrow(
        `{0.user.id} cannot be part of a key: reading it threw "closed", got an object of class RangeError.`,
      );
    });

    it('a missing part by the name of its argument', () => {
      expect(() => template('{user.id}', ['user']).fill([])).toThrow(
        `{user.id} cannot be part of a key: {user} has no 'id', got undefined. ${other}`,
      );
    });
  });

  describe('never gives two calls one text', () => {
    const value: fc.Arbitrary<unknown> = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', ':', '(', ')', '"', '=', '{', '}', ',', '1', '\\', '\ud800'),
        maxLength: 4,
      }),
      fc.constantFrom(undefined, null, true, NaN, -0, 0, 1, 12, 1n, '1', '()', '("a")', 'a:("b")'),
      fc.array(fc.constantFrom('a', 'b', 1, undefined), { maxLength: 2 }),
      fc.record({ a: fc.constantFrom('a', 1, undefined) }),
      fc.date({ min: new Date(0), max: new Date(20), noInvalidDate: true }),
    );
    const literal = fc.oneof(fc.constant(''), fc.constantFrom(':', '(', ')', ')(', '("', 'a', '1', ':a:', '{{', '}}'));
    const places = ['{x}', '{y}', '{z}'];

    it('whatever the template, and whatever the values', () => {
      fc.assert(
        fc.property(
          fc.array(literal, { minLength: 4, maxLength: 4 }),
          fc.array(value, { minLength: 3, maxLength: 3 }),
          fc.array(value, { minLength: 3, maxLength: 3 }),
          (literals, one, other) => {
            const text = literals.map((written, index) => written + (places[index] ?? '')).join('');
            const filled = template(text, ['x', 'y', 'z']);
            expect(filled.fill(one) === filled.fill(other)).toBe(
              one.every((part, i) => sameArguments([part], [other[i]])),
            );
          },
        ),
        { numRuns: 20_000 },
      );
    });

    it('when a part of one moves over to its neighbour', () => {
      const pieces = fc.array(fc.constantFrom('a', ':', '(', ')', '"', 'a:', '("a")', '("'), { maxLength: 6 });
      fc.assert(
        fc.property(literal, literal, literal, pieces, fc.nat(6), fc.nat(6), (begin, middle, end, all, here, there) => {
          const filled = template(`${begin}{x}${middle}{y}${end}`, ['x', 'y']);
          const splitAt = (at: number) => [all.slice(0, at).join(''), all.slice(at).join('')];
          const [one, other] = [splitAt(here), splitAt(there)];
          expect(filled.fill(one) === filled.fill(other)).toBe(sameArguments(one, other));
        }),
        { numRuns: 20_000 },
      );
    });
  });
});

describe('aKeyTemplate', () => {
  it.each<[unknown, boolean]>([
    ['user:{0}', true],
    ['', false],
    ['\ud800', false],
    [5, false],
    [undefined, false],
  ])('accepts %o: %o', (value, accepted) => {
    expect(aKeyTemplate.accepts(value)).toBe(accepted);
  });
});

describe('argumentNames', () => {
  it.each<[unknown, boolean]>([
    [['user'], true],
    [['environment', 'user', '$x', '_1', 'größe'], true],
    [['this_'], true],
    [[], false],
    ['user', false],
    [['user', 'user'], false],
    [['user', ''], false],
    [['0'], false],
    [['user.id'], false],
    [['...rest'], false],
    [['this'], false],
    [[undefined], false],
    // A hole is no name.
    [[, 'user'], false],
  ])('accepts %o: %o', (value, accepted) => {
    expect(argumentNames.accepts(value)).toBe(accepted);
  });
});

describe('TemplateKeyExtractor', () => {
  it('begins with the scope that it is given', () => {
    const extractor = new TemplateKeyExtractor(template('user:{0.id}'), { namespace: 'app' });
    expect(extractor.formatKey(fetchUser, [{ id: '42' }])).toBe('app/fetchUser:=user:42');
    expect(extractor.scope(fetchUser)).toBe('app/fetchUser:');
    expect(new TemplateKeyExtractor(template('{0}')).formatKey(fetchUser, ['42'])).toBe('=42');
    expect(new TemplateKeyExtractor(template('{0}')).scope(fetchUser)).toBe('');
  });

  it('gives no key that arguments themselves have', () => {
    const byArguments = new ArgumentsKeyExtractor();
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 2 }), (args) => {
        const filled = new TemplateKeyExtractor(template('{0}')).formatKey(fetchUser, args);
        expect(byArguments.formatKey(fetchUser, args)).not.toBe(filled);
        expect(byArguments.formatKey(fetchUser, [filled])).not.toBe(filled);
      }),
    );
  });

  it('names a part like a key function that returns it', () => {
    const extractor = new TemplateKeyExtractor(template('{0.id}'));
    const provided = new ProvidedKeyExtractor((user: { id: unknown }) => user.id);
    for (const id of ['42', 42, '', null, ['a', 1]]) {
      expect(extractor.formatKey(fetchUser, [{ id }])).toBe(provided.formatKey(fetchUser, [{ id }]));
    }
  });
});

function outcomeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

function thrownBy(action: () => unknown): unknown {
  const outcome = outcomeOf(action);
  if (outcome instanceof Error) return outcome;
  throw new Error('Nothing was thrown');
}
