import type { Awaitable } from '@memo/core';
import { builtinModule } from '../builtin-module.js';
import {
  InvalidSerDeOptionError,
  OutputTooLargeError,
  UnavailableSerDeError,
  UnreadableBytesError,
} from '../errors.js';
import type { CodecSettings } from './codec.js';
import type { Compression } from './compression.js';

/**
 * Zstandard by the package `@bokuweb/zstd-wasm`, where `node:zlib` has none: Facebook's library as WebAssembly. It was
 * chosen since it compresses and decompresses, runs no script when it is installed, is as fast as `node:zlib`, throws on
 * what it cannot decode, frees what it took, and takes the size of the output from who asks.
 */
const packageName = '@bokuweb/zstd-wasm';

interface ZstdPackage {
  init(): Promise<void>;
  compress(data: Uint8Array, level: number): Uint8Array;
  /** One frame; `defaultHeapSize` is the room for one that does not tell its size. */
  decompress(data: Uint8Array, options: { readonly defaultHeapSize: number }): Uint8Array;
}

/** Input and output lie in one memory, which never has more than 2 GiB, and must have room for both and for the work. */
const mostBytes = 256 * 1024 * 1024;

/** What the library calls "Destination buffer is too small". */
const outputTooSmall = 70;

const call = "EncodingSerDe with 'zstd'";
const needed = `Zstandard in node:zlib (Node 22.15 or later) or the package ${packageName}`;

/**
 * Frames of Zstandard by `@bokuweb/zstd-wasm`, on the thread that asks. That the package is there is seen at once; it is
 * ready only later, and what is asked for before waits for it.
 *
 * @throws UnavailableSerDeError
 * @throws InvalidSerDeOptionError
 */
export function zstdPackageCompression({ level, maxOutputLength }: CodecSettings): Compression {
  const found = (loaded ??= new LoadedPackage());
  if (maxOutputLength > mostBytes) {
    const expected = `at most ${mostBytes} where 'zstd' is done by ${packageName}`;
    throw new InvalidSerDeOptionError('EncodingSerDe', 'maxOutputLength', expected, maxOutputLength);
  }
  return {
    encode: (data) => found.use((zstd) => zstd.compress(data, level)),
    decode: (frame, most) =>
      found.use((zstd) => {
        if (frame.length > mostBytes) throw tooLong(frame.length);
        try {
          return zstd.decompress(frame, { defaultHeapSize: most });
        } catch (cause) {
          throw readable(most, cause);
        }
      }),
  };
}

let loaded: LoadedPackage | undefined;

/** The package, from the moment on that it is found. */
class LoadedPackage {
  readonly #zstd: ZstdPackage;
  readonly #initialized: Promise<void>;
  #isReady = false;

  constructor() {
    this.#zstd = copyOfPackage();
    this.#initialized = this.#initialize();
    // Whoever uses it is told; until then nobody listens.
    this.#initialized.catch(() => {});
  }

  use(work: (zstd: ZstdPackage) => Uint8Array): Awaitable<Uint8Array> {
    return this.#isReady ? work(this.#zstd) : this.#initialized.then(() => work(this.#zstd));
  }

  async #initialize(): Promise<void> {
    try {
      await this.#zstd.init();
      this.#isReady = true;
    } catch (cause) {
      throw unavailable('Install it again: its WebAssembly cannot be loaded.', cause);
    }
  }
}

/**
 * A copy of the package that nobody else has. Its `init` puts new memory under functions that go on with the old one, so
 * that somebody else who calls it after the first use would break ours.
 */
function copyOfPackage(): ZstdPackage {
  const [module, path] = [builtinModule('node:module'), builtinModule('node:path')];
  if (module === undefined || path === undefined) {
    throw unavailable("Use 'gzip', which runs anywhere, or a Codec of your own.");
  }
  const { url } = import.meta as Partial<ImportMeta>;
  // A bundle of CommonJS does not know where it lies.
  const require = module.createRequire(url ?? path.resolve('bundle.cjs'));
  const folder = `${path.dirname(placeOf(require))}${path.sep}`;
  const others = takeOut(require.cache, folder);
  try {
    return require(packageName) as ZstdPackage;
  } catch (cause) {
    throw unavailable('Install it again: it cannot be loaded.', cause);
  } finally {
    takeOut(require.cache, folder);
    Object.assign(require.cache, others);
  }
}

function placeOf(require: NodeJS.Require): string {
  try {
    return require.resolve(packageName);
  } catch (cause) {
    throw unavailable(`Install it (npm install ${packageName}), or use another encoding, such as 'gzip'.`, cause);
  }
}

/** Takes the modules of a folder out of a cache of modules, and gives them. */
function takeOut(cache: NodeJS.Dict<NodeJS.Module>, folder: string): NodeJS.Dict<NodeJS.Module> {
  const found = Object.entries(cache).filter(([path]) => path.startsWith(folder));
  for (const [path] of found) Reflect.deleteProperty(cache, path);
  return Object.fromEntries(found);
}

function unavailable(advice: string, cause?: unknown): UnavailableSerDeError {
  return new UnavailableSerDeError(call, needed, advice, cause === undefined ? {} : { cause });
}

function tooLong(length: number): UnreadableBytesError {
  return new UnreadableBytesError('zstd', 'too large', `a frame has ${length} bytes, more than ${mostBytes}`);
}

/** Its errors tell a number of the library's in their message, and nothing more. */
function readable(maxOutputLength: number, cause: unknown): UnreadableBytesError {
  const [, number] = /-(\d+)$/.exec(cause instanceof Error ? cause.message : '') ?? [];
  if (Number(number) === outputTooSmall) return new OutputTooLargeError('zstd', maxOutputLength);
  const why = number === undefined ? 'its decoder fails' : `its decoder fails with error ${number} of Zstandard`;
  return new UnreadableBytesError('zstd', 'damaged', why, { cause });
}
