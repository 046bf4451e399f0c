import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeastRecentlyUpdatedEvictionStrategy } from '../../src/eviction/least-recently-updated-eviction-strategy.js';
import { LeastRecentlyUsedEvictionStrategy } from '../../src/eviction/least-recently-used-eviction-strategy.js';
import { S3FifoEvictionStrategy } from '../../src/eviction/s3-fifo-eviction-strategy.js';
import { BooksInBothForms, weigh } from './books-in-both-forms.js';
import { type Model, type ModelRoom, OrderModel, S3FifoModel } from './models.js';

const form = fc.constantFrom('key' as const, 'slot' as const);
const key: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '__proto__', '');
const weight = fc.option(fc.oneof(fc.constantFrom(0, 1, 2), fc.nat({ max: 7 })), { nil: undefined, freq: 15 });
/** What may happen to an entry; most of the time, that it is read, or written and room made for it. */
const act = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('read' as const) },
    { weight: 6, arbitrary: fc.constant('come' as const) },
    ...(['write', 'release', 'replace', 'name', 'make room'] as const).map((what) => ({
      weight: 1,
      arbitrary: fc.constant(what),
    })),
  ),
  form,
  key,
  weight,
);
const acts = fc.array(act, { minLength: 40, maxLength: 160 });
/** Weights that fit into a mark, and others that do not. */
const room = fc.record({
  limit: fc.oneof(fc.nat({ max: 20 }), fc.integer({ min: 5, max: 12 })),
  isWeighed: fc.boolean(),
  unit: fc.constantFrom(1, 20_000_000),
});
type Act = ReturnType<typeof acts.generate>['value'][number];

/** Lets a strategy and its model do the same, and compares what they say. */
function compare(books: BooksInBothForms, model: Model, unit: number, steps: readonly Act[]): void {
  for (const [what, form, key, drawn] of steps) {
    const weight = drawn === undefined ? undefined : drawn * unit;
    for (const told of [books, model]) {
      if (what === 'read') told.read(form, key);
      if (what === 'write' || what === 'come') told.write(form, key, weight);
      if (what === 'release') told.release(form, key);
    }
    if (what === 'replace' && has(model, key)) books.replace(key);
    if (what === 'name') expect(books.strategy.nextToRelease()).toBe(model.next()?.key);
    if (what === 'make room' || what === 'come') makeRoom(books, model);
    const items = model.items();
    expect([...books.strategy.keys!()]).toEqual(items.map(({ key }) => key));
    expect(books.strategy.weight).toBe(items.reduce((sum, { weight }) => sum + weight, 0));
    expect(books.notForgotten()).toEqual([]);
  }
}

function has(model: Model, key: string): boolean {
  return model.items().some((item) => item.form === 'slot' && item.key === key);
}

function makeRoom(books: BooksInBothForms, model: Model): void {
  for (let victim = model.next(); victim !== undefined; victim = model.next()) {
    expect(books.strategy.nextToRelease()).toBe(victim.key);
    expect(books.strategy.nextToRelease()).toBe(victim.key);
    books.release(victim.form, victim.key);
    model.release(victim.form, victim.key);
  }
  expect(books.strategy.nextToRelease()).toBeUndefined();
}

/**
 * Ghosts are remembered by key alone, and what was named goes by its key, so what a storage keeps in slots is not noted by key as
 * well.
 */
function disjoint(steps: readonly Act[]): readonly Act[] {
  return steps.map(([what, form, key, weight]): Act => [what, form, `${form} ${key}`, weight]);
}

describe.each([
  { itsClass: LeastRecentlyUpdatedEvictionStrategy, name: 'LeastRecentlyUpdatedEvictionStrategy', readsCount: false },
  { itsClass: LeastRecentlyUsedEvictionStrategy, name: 'LeastRecentlyUsedEvictionStrategy', readsCount: true },
])('$name', ({ itsClass: Strategy, readsCount }) => {
  it('does as a plain list would, with keys and slots, counted and weighed', () => {
    fc.assert(
      fc.property(room, acts, ({ limit, isWeighed, unit }, steps) => {
        const modelRoom: ModelRoom = { limit: isWeighed ? limit * unit : limit, isWeighed };
        const told = isWeighed ? { maxWeight: modelRoom.limit, weigh } : { capacity: limit };
        compare(new BooksInBothForms(new Strategy(told)), new OrderModel(modelRoom, readsCount), unit, disjoint(steps));
      }),
      { numRuns: 300 },
    );
  });
});

describe('S3FifoEvictionStrategy', () => {
  const tuning = fc.record({
    promoteAfter: fc.constantFrom(1 as const, 2 as const, 3 as const),
    smallShare: fc.constantFrom(0, 0.1, 0.3, 1),
    ghostShare: fc.constantFrom(0, 0.5, 0.9, 2),
    mostSteps: fc.constantFrom(1, 2, 64, null),
    largestShare: fc.constantFrom(0.1, 0.5, 1),
  });

  it('does as plain lists would, with keys and slots, counted and weighed', () => {
    fc.assert(
      fc.property(room, tuning, acts, ({ limit: drawn, isWeighed, unit }, { largestShare, ...shares }, steps) => {
        const limit = isWeighed ? drawn * unit : drawn;
        const largestEntry = Math.floor(limit * largestShare);
        const told = isWeighed ? { maxWeight: limit, weigh, largestEntry } : { capacity: limit };
        const model = new S3FifoModel(
          { limit, isWeighed },
          {
            promoteAfter: shares.promoteAfter,
            smallLimit: Math.floor(limit * shares.smallShare),
            ghostLimit: Math.floor(limit * shares.ghostShare),
            largestEntry: isWeighed ? largestEntry : Infinity,
            mostSteps: shares.mostSteps ?? Infinity,
          },
        );
        compare(new BooksInBothForms(new S3FifoEvictionStrategy({ ...told, ...shares })), model, unit, disjoint(steps));
      }),
      { numRuns: 500 },
    );
  });
});
