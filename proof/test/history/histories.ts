import type { Moment, Recorded, Value } from '../../src/history/record.js';

/* Histories made by hand: process `p`, key `k`, small moments. */

type Said = Partial<Recorded>;

export function valueOf(started: Moment, said: Partial<Value> = {}): Value {
  return { key: 'k', process: 'p', number: started, by: 'load', started, ...said };
}

export function read(start: Moment, end: Moment, value: Value, said: Said = {}): Recorded {
  return { operation: 'read', process: 'p', key: 'k', start, end, outcome: 'done', value, ...said };
}

export function deletion(start: Moment, end: Moment, said: Said = {}): Recorded {
  return { operation: 'delete', process: 'p', key: 'k', start, end, outcome: 'done', ...said };
}

export function clearing(start: Moment, end: Moment, said: Said = {}): Recorded {
  return { operation: 'clear', process: 'p', key: '', start, end, outcome: 'done', ...said };
}

/** The value of a set begins to be when the set is called. */
export function setting(start: Moment, end: Moment, said: Said = {}): Recorded & { readonly value: Value } {
  const value = valueOf(start, { by: 'set', ...(said.process !== undefined && { process: said.process }) });
  return { operation: 'set', process: 'p', key: 'k', start, end, outcome: 'done', ...said, value };
}

/** The begin of a load, and its end. */
export function load(start: Moment, end: Moment, said: Said = {}): readonly Recorded[] {
  const { process = 'p', key = 'k' } = said;
  const value = valueOf(start, { process, key });
  const begun: Recorded = { operation: 'load', process, key, start, end: start, outcome: 'done', value, ...said };
  return [begun, { ...begun, operation: 'loaded', end }];
}

/** A call for several keys, each answered with a value whose load began at that moment. */
export function call(
  number: number,
  start: number,
  end: number,
  values: Record<string, number>,
  process = 'p',
): Recorded[] {
  return Object.entries(values).map(([key, started]) =>
    read(start, end, valueOf(started, { key, process }), { key, process, call: number }),
  );
}

/** One call of the function that loads, for several keys. */
export function batch(
  number: number,
  [of, start, end]: readonly [number, number, number],
  keys: string,
  process = 'p',
) {
  return [...keys].flatMap((key) => load(start, end, { key, process, call: of, batch: number }));
}

/** A value that was offered and kept. */
export function publish(start: Moment, end: Moment, value: Value): Recorded {
  const { process, key } = value;
  return { operation: 'publish', process, key, start, end, outcome: 'done', value };
}
