import type { CacheSettings } from '../engine/call.js';
import { InvalidOptionError } from '../errors.js';
import type { DisposeOption } from '../resources/dispose-option.js';
import { resourcePolicyFrom } from '../resources/resource-policy-from.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** What becomes of connections and the like that values keep open. */
export interface ResourceOptions<V = unknown> {
  /**
   * Closes values, or parts of them, once they have left the cache. `true`: by their `Symbol.asyncDispose` or
   * `Symbol.dispose`; a pointer such as `'$.clients.http'`, or a list of them: those parts; `'*'`: all parts; or functions that
   * open and close them. Only in storages of this process.
   * @defaultValue nothing is closed
   */
  readonly dispose?: DisposeOption<V>;
  /**
   * How long after they have left, so that callers can finish what they do with them. `fn.lease()` keeps them open for as long
   * as that takes.
   * @defaultValue 0
   */
  readonly closeDelay?: Duration;
}

/**
 * What takes charge of what values keep open; `undefined` where nobody asks for it.
 *
 * @throws InvalidOptionError
 */
export function resourcesFrom(
  { dispose, closeDelay }: ResourceOptions,
  storage: CacheStorage,
  clock: Clock,
  call: string,
): CacheSettings['resources'] {
  if (dispose === undefined) {
    refuseInVain(closeDelay, call);
    return undefined;
  }
  refuseElsewhere(storage, dispose, call);
  const delay = closeDelayOf(closeDelay, call);
  const make: CacheSettings['resources'] = (report) =>
    resourcePolicyFrom(dispose, { closeDelay: delay, call, clock, report });
  // What is wrong with it shall be said now.
  make(() => undefined);
  return make;
}

function closeDelayOf(closeDelay: Duration = 0, call: string): number {
  const delay = toMilliseconds(closeDelay, { call, option: 'closeDelay' });
  if (delay !== Infinity) return delay;
  const expected = 'a duration that ends, or nothing would be closed';
  throw new InvalidOptionError({ call, option: 'closeDelay', expected, received: closeDelay });
}

function refuseInVain(closeDelay: Duration | undefined, call: string): void {
  if (closeDelay === undefined) return;
  throw new InvalidOptionError({
    call,
    option: 'closeDelay',
    expected: `left out where 'dispose' is, because nothing is closed`,
    received: closeDelay,
    advice: `Say what is to be closed, such as dispose: true.`,
  });
}

function refuseElsewhere({ keepsResources }: CacheStorage, dispose: unknown, call: string): void {
  if (keepsResources === true) return;
  throw new InvalidOptionError({
    call,
    option: 'dispose',
    expected: `left out where the storage does not say 'keepsResources', as those of this process do`,
    received: dispose,
    advice: `What is open in this process cannot be kept in others. Leave 'storage' out, or take a LocalInMemoryCacheStorage.`,
  });
}
