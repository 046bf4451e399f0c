import type { Departure } from '../entry/entry-resource.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { Clock } from '../time/clock.js';
import { type Closable, findItself, findMembers, type FindClosables, partsFinder } from './closable.js';
import { type DisposeOption, type DisposeWay, disposeWayOf, type Opening } from './dispose-option.js';
import { type ClosingSettings, OpenParts } from './open-parts.js';
import type { ResourcePolicy, Taken } from './resource-policy.js';
import { type Usage, type Usages, useOf, usages, usagesOpenedBy } from './usage.js';

/** What the option `dispose` is compiled with. */
export interface ResourceSettings {
  /** What was called, for the message when the option is wrong. */
  readonly call: string;
  /** Milliseconds between the leaving of an entry and the closing of what it keeps open. */
  readonly closeDelay: number;
  readonly clock: Clock;
  /** Told what went wrong when the value of a key was closed. It does not throw. */
  readonly report: (key: string, error: unknown) => void;
}

/**
 * Compiles the option `dispose`.
 *
 * @throws InvalidOptionError
 */
export function resourcePolicyFrom(dispose: DisposeOption<never>, settings: ResourceSettings): ResourcePolicy {
  const way = disposeWayOf(dispose, settings.call);
  return 'opener' in way ? new OpenedValues(way, settings) : new LoadedValues(finderOf(way, settings.call), settings);
}

function finderOf(way: Exclude<DisposeWay, Opening>, call: string): FindClosables {
  if ('close' in way) return (object) => ({ list: [{ object, close: (why) => way.close(object, why) }] });
  if (way.parts === 'itself') return findItself;
  return way.parts === 'members' ? findMembers : partsFinder(way.parts, { call, option: 'dispose' });
}

/** Values that are open when they are loaded, or parts of which are. */
class LoadedValues implements ResourcePolicy {
  readonly #find: FindClosables;
  readonly #settings: ResourceSettings;

  constructor(find: FindClosables, settings: ResourceSettings) {
    this.#find = find;
    this.#settings = settings;
  }

  take(key: string, value: unknown): Awaitable<Taken> {
    const { list, fault } = this.#find(value);
    const parts = this.#openParts(key, list);
    if (fault === undefined) return { value, resource: parts };
    return parts.discard().then(() => {
      throw fault.error;
    });
  }

  discard(key: string, value: unknown): void {
    const { list, fault } = this.#find(value);
    if (fault !== undefined) this.#settings.report(key, fault.error);
    void this.#openParts(key, list).discard();
  }

  #openParts(key: string, list: readonly Closable[]): OpenParts {
    const parts = list.map(({ object, close }) => ({ usage: useOf(object, usages), close }));
    return new OpenParts(parts, closingSettings(key, this.#settings));
  }
}

/** Values that are opened once they are loaded. */
class OpenedValues implements ResourcePolicy {
  readonly #opening: Opening;
  readonly #usages: Usages;
  readonly #settings: ResourceSettings;

  constructor(opening: Opening, settings: ResourceSettings) {
    this.#opening = opening;
    this.#usages = usagesOpenedBy(opening.opener);
    this.#settings = settings;
  }

  take(key: string, loaded: unknown): Awaitable<Taken> {
    const usage = useOf(loaded, this.#usages);
    const taken = (value: unknown): Taken => {
      const close = (why: Departure): unknown => this.#opening.close(value, why);
      return { value, resource: new OpenParts([{ usage, close }], closingSettings(key, this.#settings)) };
    };
    const failed = (error: unknown): Promise<never> => {
      // Nothing is open; who loads it next tries again.
      usage.users = 0;
      return Promise.reject(error);
    };
    try {
      const opened = this.#openOnce(loaded, usage);
      return isPromise(opened) ? opened.then(taken, failed) : taken(opened);
    } catch (error) {
      return failed(error);
    }
  }

  discard(): void {
    // It was not opened.
  }

  #openOnce(loaded: unknown, usage: Usage): Awaitable<unknown> {
    if (!('opened' in usage)) {
      const { before } = usage;
      usage.opened = before === undefined ? this.#open(loaded) : before.then(() => this.#open(loaded));
    }
    return usage.opened;
  }

  #open(loaded: unknown): Awaitable<unknown> {
    const orLoaded = (opened: unknown): unknown => (opened === undefined ? loaded : opened);
    const opening = this.#opening.open(loaded);
    return isPromise(opening) ? Promise.resolve(opening).then(orLoaded) : orLoaded(opening);
  }
}

function closingSettings(key: string, { closeDelay, clock, report }: ResourceSettings): ClosingSettings {
  return { closeDelay, clock, report: (error) => report(key, error) };
}
