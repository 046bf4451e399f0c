import { LocalInMemoryCacheStorage, memoize, memoized, Memoizer } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

declare function search(text: string, limit?: number): Promise<string[]>;

describe('normalize', () => {
  it('is given the arguments of the function', () => {
    memoize(search, {
      normalize: (args) => {
        expectTypeOf(args).toEqualTypeOf<[text: string, limit?: number | undefined]>();
        return args;
      },
    });
    new Memoizer(new LocalInMemoryCacheStorage()).memoize(search, {
      normalize: (args) => {
        expectTypeOf(args).toEqualTypeOf<[text: string, limit?: number | undefined]>();
        return args;
      },
    });
  });

  it('gives a list', () => {
    // @ts-expect-error a text is no list of arguments
    memoize(search, { normalize: ([text]) => text });
    // @ts-expect-error nor is a promise
    memoize(search, { normalize: async (args) => args });
  });

  it('leaves the types of calls and operations as they are', () => {
    const cached = memoize(search, { normalize: ([text, limit = 10]) => [text, limit] });
    expectTypeOf(cached).parameters.toEqualTypeOf<[text: string, limit?: number | undefined]>();
    expectTypeOf(cached.exists).parameters.toEqualTypeOf<[args: [text: string, limit?: number | undefined]]>();
  });

  it('has to fit a method that it stands above', () => {
    class Users {
      @memoized({ normalize: ([id]: [id: string]): [string] => [id.trim()] })
      async find(id: string): Promise<string> {
        return id;
      }

      // @ts-expect-error the method takes a text
      @memoized({ normalize: ([id]: [id: number]): [number] => [id] })
      async other(id: string): Promise<string> {
        return id;
      }
    }
    expectTypeOf(new Users().find).parameters.toEqualTypeOf<[id: string]>();
  });
});
