import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { EntryResource } from '../../src/entry/entry-resource.js';
import { resourcePolicyFrom } from '../../src/resources/resource-policy-from.js';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import { ManualClock } from '../../src/testing/index.js';

/** What a load returns: a list of these, the same ones again and again. */
class Part {
  isOpen = false;
  /** How often it was opened, and how often closed. */
  opened = 0;
  closed = 0;
  /** In how many values that are held it is. */
  held = 0;
  readonly number: number;
  readonly #world: World;

  constructor(number: number, world: World) {
    this.number = number;
    this.#world = world;
  }

  open(): this {
    if (!this.isOpen) this.opened++;
    this.isOpen = true;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#world.judgeClosing(this);
    this.isOpen = false;
    this.closed++;
    await Promise.resolve();
    if (this.number === 1) throw new Error('closes badly');
  }
}

const closeDelay = 10;
const keys = ['a', 'b', 'c'] as const;
type Key = (typeof keys)[number];

interface Holding {
  readonly resource: EntryResource;
  readonly parts: readonly Part[];
  readonly letGo: () => void;
}

/** A storage of values with parts, and what is known of them without asking memo. */
class World {
  readonly clock = new ManualClock();
  readonly storage = new LocalInMemoryCacheStorage();
  readonly parts = [0, 1, 2, 3].map((number) => new Part(number, this));
  readonly holdings: Holding[] = [];
  /** Everything that was kept once, to be held though it has left. */
  readonly kept: { readonly resource: EntryResource; readonly parts: readonly Part[] }[] = [];
  /** When each part last left with an entry. */
  readonly left = new Map<Part, number>();
  readonly faults: string[] = [];
  readonly policy;

  constructor() {
    const { clock } = this;
    this.policy = resourcePolicyFrom('*', { call: 'test', closeDelay, clock, report: () => {} });
  }

  partsAt(key: Key): readonly Part[] {
    return (this.storage.peek(key)?.value ?? []) as readonly Part[];
  }

  judgeClosing(part: Part): void {
    if (!part.isOpen) this.faults.push(`${part.number} is closed twice`);
    if (part.held > 0) this.faults.push(`${part.number} is closed while it is held`);
    if (keys.some((key) => this.partsAt(key).includes(part)))
      this.faults.push(`${part.number} is closed while it is kept`);
    const since = this.clock.now() - (this.left.get(part) ?? -Infinity);
    if (since < closeDelay) this.faults.push(`${part.number} is closed ${since} ms after it has left`);
  }

  noteLeaving(key: Key): void {
    for (const part of this.partsAt(key)) this.left.set(part, this.clock.now());
  }

  async load(key: Key, numbers: readonly number[], way: 'offer' | 'set'): Promise<void> {
    const parts = numbers.map((number) => this.parts[number]!.open());
    const { value, resource } = await this.policy.take(key, parts);
    this.noteLeaving(key);
    const entry: CacheEntry = { value, resource, created: 0, updateAfter: Infinity, expiresAfter: Infinity };
    await this.storage[way](key, entry);
    this.kept.push({ resource, parts });
  }

  hold(resource: EntryResource, parts: readonly Part[]): void {
    const letGo = resource.hold();
    if (letGo === undefined) {
      if (this.holdings.some((held) => held.resource === resource))
        this.faults.push('what is held cannot be held again');
      return;
    }
    for (const part of parts) {
      if (!part.isOpen) this.faults.push(`${part.number} is held though it is closed`);
      part.held++;
    }
    this.holdings.push({ resource, parts, letGo });
  }

  letGo(index: number): void {
    const [holding] = this.holdings.splice(index % Math.max(1, this.holdings.length), 1);
    if (holding === undefined) return;
    for (const part of holding.parts) part.held--;
    holding.letGo();
    holding.letGo();
  }
}

type Command = (world: World) => Promise<unknown> | void;

const key = fc.constantFrom(...keys);
const numbers = fc.uniqueArray(fc.nat({ max: 3 }), { maxLength: 3 });
const leaving = (way: (world: World, key: Key) => Promise<unknown>): fc.Arbitrary<Command> =>
  key.map((of) => (world: World) => {
    world.noteLeaving(of);
    return way(world, of);
  });

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(key, numbers).map(
      ([of, list]) =>
        (world: World) =>
          world.load(of, list, 'offer'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(key, numbers).map(
      ([of, list]) =>
        (world: World) =>
          world.load(of, list, 'set'),
    ),
  },
  { weight: 1, arbitrary: leaving((world, of) => world.storage.release(of)) },
  { weight: 1, arbitrary: leaving((world, of) => world.storage.invalidate(of)) },
  { weight: 1, arbitrary: leaving((world, of) => world.storage.clear(of)) },
  {
    weight: 3,
    arbitrary: key.map((of) => (world: World) => {
      const entry = world.storage.peek(of);
      if (entry?.resource !== undefined) world.hold(entry.resource, world.partsAt(of));
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 30 }).map((index) => (world: World) => {
      const once = world.kept[index % Math.max(1, world.kept.length)];
      if (once !== undefined) world.hold(once.resource, once.parts);
    }),
  },
  { weight: 3, arbitrary: fc.nat({ max: 9 }).map((index) => (world: World) => world.letGo(index)) },
  { weight: 3, arbitrary: fc.nat({ max: 12 }).map((time) => (world: World) => world.clock.advance(time)) },
);

it('closes each part exactly once for each time it was open: after it left, after its grace, when nobody holds it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 60, size: 'max' }), async (commands) => {
      const world = new World();
      for (const run of commands) await run(world);
      for (const of of keys) world.noteLeaving(of);
      await world.storage[Symbol.asyncDispose]();
      await world.clock.advance(closeDelay);
      while (world.holdings.length > 0) world.letGo(0);
      await world.clock.advance(0);
      expect(world.faults).toEqual([]);
      expect(world.parts.map(({ isOpen, closed }) => [isOpen, closed])).toEqual(
        world.parts.map(({ opened }) => [false, opened]),
      );
      expect(world.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 300 },
  );
});
