/**
 * Counts what the core asks of the platform. Has to be imported before the core, which remembers the `Date.now` that it
 * finds.
 */
export interface Asked {
  /** Look-ups in maps: `get` and `has`. */
  lookUps: number;
  /** Changes of maps: `set` and `delete`. */
  changes: number;
  clockReads: number;
  timers: number;
}

const asked: Asked = { lookUps: 0, changes: 0, clockReads: 0, timers: 0 };

/** What has been asked since this was called before. */
export function askedSince(): Asked {
  const since = { ...asked };
  Object.assign(asked, { lookUps: 0, changes: 0, clockReads: 0, timers: 0 } satisfies Asked);
  return since;
}

count(Map.prototype, ['get', 'has'], 'lookUps');
count(Map.prototype, ['set', 'delete'], 'changes');
count(Set.prototype, ['has'], 'lookUps');
count(Set.prototype, ['add', 'delete'], 'changes');
count(Date, ['now'], 'clockReads');
count(performance, ['now'], 'clockReads');
count(globalThis, ['setTimeout', 'setImmediate'], 'timers');

function count<Owner extends object>(
  owner: Owner,
  methods: readonly (keyof Owner & string)[],
  what: keyof Asked,
): void {
  for (const method of methods) {
    const original = owner[method] as (...parameters: unknown[]) => unknown;
    const counting = function (this: unknown, ...parameters: unknown[]): unknown {
      asked[what]++;
      return original.apply(this, parameters);
    };
    Object.defineProperty(owner, method, { value: counting, configurable: true, writable: true });
  }
}
