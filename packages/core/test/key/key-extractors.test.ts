import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidKeyError, InvalidOptionError } from '../../src/errors.js';
import { ArgumentsKeyExtractor } from '../../src/key/arguments-key-extractor.js';
import { EncodedMethodNameAndArgsKeyExtractor } from '../../src/key/encoded-method-name-and-args-key-extractor.js';
import { EncodedMethodReferenceAndArgsKeyExtractor } from '../../src/key/encoded-method-reference-and-args-key-extractor.js';
import type { KeyExtractor } from '../../src/key/key-extractor.js';
import { GivenKeyExtractor } from '../../src/key/given-key-extractor.js';
import { Key } from '../../src/key/key.js';
import { PrefixedKeyExtractor } from '../../src/key/prefixed-key-extractor.js';
import { ProvidedKeyExtractor } from '../../src/key/provided-key-extractor.js';

function fetchUser(): void {}
const anonymous = (() => () => {})();

function named(name: string): () => void {
  return Object.defineProperty(() => {}, 'name', { value: name });
}

describe('ArgumentsKeyExtractor', () => {
  it('makes the key of the arguments alone', () => {
    const extractor = new ArgumentsKeyExtractor();
    expect(extractor.formatKey(fetchUser, ['42'])).toBe('42');
    expect(extractor.formatKey(fetchUser, [42, {}])).toBe('(42,{})');
    expect(extractor.scope(fetchUser)).toBe('');
  });
});

describe('formatKeyOfOne', () => {
  const Instance = class Instance {};
  const extractors: Record<string, KeyExtractor> = {
    ArgumentsKeyExtractor: new ArgumentsKeyExtractor(),
    EncodedMethodReferenceAndArgsKeyExtractor: new EncodedMethodReferenceAndArgsKeyExtractor(),
    EncodedMethodNameAndArgsKeyExtractor: new EncodedMethodNameAndArgsKeyExtractor({ namespace: 'app' }),
    'EncodedMethodNameAndArgsKeyExtractor without self': new EncodedMethodNameAndArgsKeyExtractor({
      skipFirstArgumentAsSelf: true,
    }),
    GivenKeyExtractor: new GivenKeyExtractor('pages'),
    ProvidedKeyExtractor: new ProvidedKeyExtractor((argument: unknown) => argument, { namespace: 'app' }),
    PrefixedKeyExtractor: new PrefixedKeyExtractor('pages/', new ArgumentsKeyExtractor()),
    'PrefixedKeyExtractor of one without the ability': new PrefixedKeyExtractor('pages/', {
      formatKey: (_, args) => `${args.length}: ${typeof args[0]}`,
    }),
  };

  it.each(Object.entries(extractors))('is what formatKey says of a list of one: %s', (_, extractor) => {
    const argument = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom<unknown>('', '(', '=a', '#', '\ud800', -0, NaN, 1e21, () => 1, Symbol('s'), new Instance()),
    );
    fc.assert(
      fc.property(argument, (one) => {
        const ofOne = outcomeOf(() => extractor.formatKeyOfOne!(fetchUser, one));
        expect(ofOne).toEqual(outcomeOf(() => extractor.formatKey(fetchUser, [one])));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves it to the formatKey of a subclass', () => {
    class ByName extends EncodedMethodNameAndArgsKeyExtractor {
      override formatKey(_fn: () => void, args: readonly unknown[]): string {
        return `mine:${args.length}:${String(args[0])}`;
      }
    }
    class ByReference extends EncodedMethodReferenceAndArgsKeyExtractor {
      override formatKey(_fn: () => void, args: readonly unknown[]): string {
        return `mine:${args.length}:${String(args[0])}`;
      }
    }
    expect(new ByName().formatKeyOfOne(fetchUser, '42')).toBe('mine:1:42');
    expect(new ByReference().formatKeyOfOne(fetchUser, '42')).toBe('mine:1:42');
  });

  it('hands a key function one argument, as formatKey does', () => {
    const extractor = new ProvidedKeyExtractor((...args: unknown[]) => args.length);
    expect(extractor.formatKeyOfOne(fetchUser, undefined)).toBe('=(1)');
    expect(extractor.formatKey(fetchUser, [undefined])).toBe('=(1)');
  });
});

describe('EncodedMethodReferenceAndArgsKeyExtractor', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('gives each function keys of its own, whatever its name', () => {
    const extractor = new EncodedMethodReferenceAndArgsKeyExtractor();
    const twin = named('fetchUser');
    const key = extractor.formatKey(fetchUser, ['42']);
    expect(key).toMatch(/^[0-9a-z]+\.\d+:42$/);
    expect(extractor.formatKey(twin, ['42'])).not.toBe(key);
    expect(extractor.formatKey(fetchUser, ['42'])).toBe(key);
    expect(extractor.scope(fetchUser)).toBe(key.slice(0, -2));
  });

  it('names a function alike in all extractors of a process', () => {
    const [one, other] = [
      new EncodedMethodReferenceAndArgsKeyExtractor(),
      new EncodedMethodReferenceAndArgsKeyExtractor(),
    ];
    expect(one.formatKey(fetchUser, [])).toBe(other.formatKey(fetchUser, []));
    expect(one.formatKey(named('a'), [])).not.toBe(other.formatKey(named('a'), []));
  });

  it('gives other keys in another process', async () => {
    vi.resetModules();
    const elsewhere = await import('../../src/key/encoded-method-reference-and-args-key-extractor.js');
    const there = new elsewhere.EncodedMethodReferenceAndArgsKeyExtractor().formatKey(fetchUser, []);
    const here = new EncodedMethodReferenceAndArgsKeyExtractor().formatKey(fetchUser, []);
    expect(there.split('.')[0]).not.toBe(here.split('.')[0]);
  });

  it('needs no crypto', async () => {
    vi.resetModules();
    vi.stubGlobal('crypto', undefined);
    const { EncodedMethodReferenceAndArgsKeyExtractor: Bare } =
      await import('../../src/key/encoded-method-reference-and-args-key-extractor.js');
    expect(new Bare().formatKey(fetchUser, ['42'])).toMatch(/^[0-9a-z]{10,}\.1:42$/);
  });
});

describe('EncodedMethodNameAndArgsKeyExtractor', () => {
  it('begins with the name of the function', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor();
    expect(extractor.formatKey(fetchUser, ['42'])).toBe('fetchUser:42');
    expect(extractor.formatKey(named('other'), [1, 2])).toBe('other:(1,2)');
    expect(extractor.scope(fetchUser)).toBe('fetchUser:');
  });

  it('begins with the namespace and the name that it is given', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor({ name: 'user', namespace: 'app' });
    expect(extractor.formatKey(fetchUser, ['42'])).toBe('app/user:42');
    expect(extractor.scope(anonymous)).toBe('app/user:');
  });

  it('skips the first argument where that is the object of the method', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor({ skipFirstArgumentAsSelf: true });
    expect(extractor.formatKey(fetchUser, [new WeakMap(), 'a', 'b'])).toBe('fetchUser:("a","b")');
    expect(extractor.formatKey(fetchUser, [new WeakMap()])).toBe('fetchUser:()');
    expect(extractor.formatKey(fetchUser, [])).toBe('fetchUser:()');
  });

  it('joins namespace, name and arguments so that none is taken for another', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ':', '/', '%', '%3A', '(', '=', '"', '%2F'),
      minLength: 1,
      maxLength: 4,
    });
    const call = fc.record({ namespace: fc.option(text, { nil: undefined }), name: text, argument: text });
    const keyOf = ({ namespace, name, argument }: typeof call extends fc.Arbitrary<infer T> ? T : never) =>
      new EncodedMethodNameAndArgsKeyExtractor({ namespace, name }).formatKey(fetchUser, [argument]);
    fc.assert(
      fc.property(call, call, (one, other) => {
        const same = one.namespace === other.namespace && one.name === other.name && one.argument === other.argument;
        expect(keyOf(one) === keyOf(other)).toBe(same);
        const { namespace, name } = one;
        const scope = new EncodedMethodNameAndArgsKeyExtractor({ namespace, name }).scope(fetchUser);
        expect(keyOf(other).startsWith(scope)).toBe(one.namespace === other.namespace && one.name === other.name);
      }),
      { numRuns: 10_000 },
    );
  });

  it.each<[object, string]>([
    [{ name: '' }, `option 'name' should be text that is not empty, got "".`],
    [{ namespace: '' }, `option 'namespace' should be text that is not empty, got "".`],
    [{ name: 5 }, `option 'name' should be text that is not empty, got 5.`],
    [{ namespace: '\ud800' }, `option 'namespace' should be text that is not empty, got "\\ud800".`],
  ])('refuses %j', (options, message) => {
    expect(() => new EncodedMethodNameAndArgsKeyExtractor(options)).toThrow(
      `EncodedMethodNameAndArgsKeyExtractor: ${message}`,
    );
  });

  it('refuses an anonymous function unless it is given a name', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor();
    const error = thrownBy(() => extractor.formatKey(anonymous, []));
    expect(InvalidOptionError.isInstance(error) && error.message).toBe(
      `EncodedMethodNameAndArgsKeyExtractor: option 'name' should be given, because the function is anonymous, got undefined. A key begins with the name of the function.`,
    );
    expect(new EncodedMethodNameAndArgsKeyExtractor({ name: 'user' }).formatKey(anonymous, [])).toBe('user:()');
  });
});

describe('ProvidedKeyExtractor', () => {
  it('makes the key of what the function returns', () => {
    const extractor = new ProvidedKeyExtractor((user: { id: unknown }) => user.id);
    expect(extractor.formatKey(fetchUser, [{ id: '42' }])).toBe('=42');
    expect(extractor.formatKey(fetchUser, [{ id: 42 }])).toBe('=(42)');
    expect(extractor.formatKey(fetchUser, [{ id: ['a', 1] }])).toBe('=(["a",1])');
    expect(extractor.scope(fetchUser)).toBe('');
  });

  it('begins with the scope that it is given', () => {
    const extractor = new ProvidedKeyExtractor((id: string) => id, { namespace: 'app' });
    expect(extractor.formatKey(fetchUser, ['42'])).toBe('app/fetchUser:=42');
    expect(extractor.scope(fetchUser)).toBe('app/fetchUser:');
  });

  it('gives no key that arguments themselves have', () => {
    const byArguments = new ArgumentsKeyExtractor();
    fc.assert(
      fc.property(fc.string(), fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 2 }), (key, args) => {
        const provided = new ProvidedKeyExtractor(() => key).formatKey(fetchUser, args);
        expect(byArguments.formatKey(fetchUser, args)).not.toBe(provided);
        expect(byArguments.formatKey(fetchUser, [provided])).not.toBe(provided);
      }),
    );
  });

  it.each<[unknown, string]>([
    [
      undefined,
      `key(…) cannot be part of a key: it names nothing, got undefined. Return text, a number or plain data.`,
    ],
    [
      Promise.resolve('42'),
      `key(…) cannot be part of a key: an instance of this class is not named by its content, got an object of class Promise. Let the option 'key' name it by text, numbers or plain data, or give its class a [memoKey]() method.`,
    ],
    [
      { id: () => 1 },
      `key(…).id cannot be part of a key: a function has no content to be named by, got function id. Let the option 'key' name the call without it.`,
    ],
  ])('refuses %o', (returned, message) => {
    const error = thrownBy(() => new ProvidedKeyExtractor(() => returned).formatKey(fetchUser, []));
    expect(InvalidKeyError.isInstance(error) && error.message).toBe(message);
  });

  it('lets an error of the function through', () => {
    const extractor = new ProvidedKeyExtractor((user: { id: string }) => user.id);
    expect(() => extractor.formatKey(fetchUser, [])).toThrow(TypeError);
  });

  it('refuses a scope that is none', () => {
    expect(() => new ProvidedKeyExtractor(Key.single, { name: '' })).toThrow(
      `ProvidedKeyExtractor: option 'name' should be text that is not empty, got "".`,
    );
  });
});

describe('Key.single', () => {
  it('lets all calls share one key, and functions none', () => {
    const extractor = new ProvidedKeyExtractor(Key.single, {});
    expect(extractor.formatKey(fetchUser, [1])).toBe(extractor.formatKey(fetchUser, ['a', {}]));
    expect(extractor.formatKey(fetchUser, [])).not.toBe(extractor.formatKey(named('other'), []));
  });
});

/** The key, or what the error says. */
function outcomeOf(action: () => string): string {
  try {
    return `key ${action()}`;
  } catch (error) {
    return String(error);
  }
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}
