import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Recorded, Value } from '../../src/history/record.js';
import { staleReads } from '../../src/history/stale-reads.js';

/** Few moments, keys and processes, so that everything meets everything. */
const moments = fc.integer({ min: 0, max: 30 });
const keys = fc.constantFrom('a', 'b');
const processes = fc.constantFrom('p', 'q');

const spans = fc
  .tuple(moments, fc.integer({ min: 0, max: 10 }))
  .map(([start, length]) => ({ start, end: start + length }));

const writes: fc.Arbitrary<Recorded> = fc
  .record({
    operation: fc.constantFrom('delete', 'clear', 'set', 'load'),
    process: processes,
    key: keys,
    span: spans,
    outcome: fc.constantFrom('done', 'done', 'failed', 'hung'),
  })
  .map(({ operation, process, key, span, outcome }) => {
    const value: Value = { key, process, number: 0, by: operation === 'load' ? 'load' : 'set', started: span.start };
    const made = operation === 'set' || operation === 'load';
    return { operation, process, key: operation === 'clear' ? '' : key, ...span, outcome, ...(made && { value }) };
  });

/** Some writes, and reads each of which returns the value of one of them, or of a set that nothing is known of. */
const histories = fc
  .array(writes, { minLength: 1, maxLength: 12 })
  .map((made) =>
    made.map((write, number) => (write.value === undefined ? write : { ...write, value: { ...write.value, number } })),
  )
  .chain((made) => {
    const unknown: Value = { key: 'a', process: 'r', number: 99, by: 'set', started: 3 };
    const values = [...made.flatMap(({ value }) => value ?? []), unknown];
    const reads = fc
      .record({
        operation: fc.constantFrom('read', 'refresh'),
        process: processes,
        span: spans,
        outcome: fc.constantFrom('done', 'done', 'done', 'failed'),
        value: fc.constantFrom(...values),
      })
      .map(({ span, value, ...said }): Recorded => ({ ...said, ...span, key: value.key, value }));
    return fc.tuple(fc.constant(made), fc.array(reads, { maxLength: 12 }));
  })
  .chain(([made, reads]) => fc.shuffledSubarray([...made, ...reads], { minLength: made.length + reads.length }));

/** The promise word for word: every read beside every write. */
function judgedOneByOne(history: readonly Recorded[]): readonly Recorded[] {
  return history.filter((read) => {
    const { value } = read;
    if (read.operation !== 'read' && read.operation !== 'refresh') return false;
    if (read.outcome !== 'done' || value === undefined) return false;
    const setOf = history.find(({ operation, value: set }) => operation === 'set' && set?.number === value.number);
    const inEffect = value.by === 'load' ? value.started : (setOf?.end ?? Infinity);
    return history.some((write) => {
      if (!['delete', 'set', 'clear'].includes(write.operation)) return false;
      const concerns = write.operation === 'clear' || write.key === read.key;
      const promises = write.outcome === 'done' || (write.outcome === 'failed' && write.process === read.process);
      return concerns && promises && write.end < read.start && inEffect < write.start;
    });
  });
}

it('finds the same as looking at every read beside every write', () => {
  let stale = 0;
  fc.assert(
    fc.property(histories, (history) => {
      const expected = judgedOneByOne(history);
      stale += expected.length;
      expect(staleReads(history).map(({ read }) => read)).toEqual(expected);
    }),
    { numRuns: 3_000 },
  );
  expect(stale).toBeGreaterThan(300);
});

it('reads a history of a million operations within seconds', { timeout: 30_000 }, () => {
  const history: Recorded[] = [];
  for (let index = 0; index < 1_000_000; index++) {
    const key = `k${index % 8}`;
    const span = { process: 'p', key, start: index * 10, end: index * 10 + 15 };
    const value: Value = { key, process: 'p', number: index, by: 'load', started: index * 10 - 200 };
    history.push(
      index % 10 === 0
        ? { operation: 'delete', ...span, outcome: 'done' }
        : { operation: 'read', ...span, outcome: 'done', value },
    );
  }
  const started = performance.now();
  expect(staleReads(history).length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(15_000);
});
