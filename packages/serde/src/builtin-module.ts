import type * as buffer from 'node:buffer';
import type * as module from 'node:module';
import type * as path from 'node:path';
import type * as v8 from 'node:v8';
import type * as zlib from 'node:zlib';

interface BuiltinModules {
  readonly 'node:buffer': typeof buffer;
  readonly 'node:module': typeof module;
  readonly 'node:path': typeof path;
  readonly 'node:v8': typeof v8;
  readonly 'node:zlib': typeof zlib;
}

/**
 * A module that Node, Bun and Deno have built in; `undefined` elsewhere. It is asked for while the program runs, so that
 * bundlers for browsers neither find an import that they cannot resolve nor put a substitute in its place.
 */
export function builtinModule<Name extends keyof BuiltinModules>(name: Name): BuiltinModules[Name] | undefined {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) as BuiltinModules[Name] | undefined;
}
