import { InvalidOptionError } from '../errors.js';
import type { Departure } from '../entry/entry-resource.js';
import type { Awaitable } from '../serde.js';

/** How a loaded value is opened and closed. */
export interface OpenAndClose<V = unknown> {
  /**
   * Opens what was loaded. What it returns is kept and answered in its place, if it returns anything. As long as the same
   * object is open, it is not opened again.
   */
  open?(value: V): Awaitable<unknown>;
  /** Closes what is kept. */
  close(value: V, why: Departure): Awaitable<unknown>;
}

/** A part of the value, such as `$.clients.http`; with `:ignore_missing` one that may be missing. */
export type PartPointer = `$${string}`;

/**
 * How values are closed that have left the cache: `true`, by `[Symbol.asyncDispose]()` or `[Symbol.dispose]()` of the value;
 * pointers, by those of its parts; `'*'`, by those of all its members; or by functions.
 */
export type DisposeOption<V = unknown> =
  true | '*' | PartPointer | readonly PartPointer[] | OpenAndClose<V>['close'] | OpenAndClose<V>;

/** Closes what it is given. */
type Close = (value: unknown, why: Departure) => unknown;

/** Loaded values are opened, and then closed. */
export interface Opening {
  /** What stands for it: what is open by one opener is not opened by it again. */
  readonly opener: object;
  readonly open: (value: unknown) => unknown;
  readonly close: Close;
}

/** Every way to write the option, as one of three. */
export type DisposeWay =
  { readonly parts: 'itself' | 'members' | readonly string[] } | { readonly close: Close } | Opening;

/** @throws InvalidOptionError when it is none of them; pointers are not read yet. */
export function disposeWayOf(written: unknown, call: string): DisposeWay {
  if (written === true) return { parts: 'itself' };
  if (written === '*') return { parts: 'members' };
  if (typeof written === 'string') return { parts: [written] };
  if (isListOfTexts(written)) return { parts: written };
  if (typeof written === 'function') return { close: written as Close };
  if (isOpenAndClose(written)) return methodsOf(written);
  throw new InvalidOptionError({
    call,
    option: 'dispose',
    expected:
      `true, a data pointer such as '$.clients.http' or a list of them, '*', ` +
      `a function of the value and the reason, or { open, close }`,
    received: written,
  });
}

/** Its functions are called as its methods. */
function methodsOf(written: OpenAndClose): DisposeWay {
  const close: Close = (value, why) => written.close(value, why);
  if (written.open === undefined) return { close };
  return { opener: written, open: (value) => written.open?.(value), close };
}

function isListOfTexts(written: unknown): written is readonly string[] {
  return Array.isArray(written) && written.length > 0 && written.every((item) => typeof item === 'string');
}

function isOpenAndClose(written: unknown): written is OpenAndClose {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return false;
  const { open, close } = written as { readonly open?: unknown; readonly close?: unknown };
  return typeof close === 'function' && (open === undefined || typeof open === 'function');
}
