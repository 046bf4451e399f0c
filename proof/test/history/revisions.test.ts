import { expect, it } from 'vitest';
import type { Recorded } from '../../src/history/record.js';
import { checkRevisions, sentencesAboutRevisions } from '../../src/history/revisions.js';
import { call, load as begunAndEnded, publish, read, valueOf } from './histories.js';

const none = { wrong: [], atOnce: [], needless: [], lost: [], aside: [] };
/** A load that was kept. */
const load = (start: number, end: number, said: Partial<Recorded>) => {
  const done = begunAndEnded(start, end, said);
  return [...done, publish(end, end, done[0]!.value!)];
};
const made = (started: number, revision?: string) => valueOf(started, revision === undefined ? {} : { revision });

it('finds nothing where each is answered by what it demands, and loads what was not there', () => {
  const history = [
    ...load(0, 5, { value: made(0, 'a') }),
    read(0, 6, made(0, 'a'), { demanded: 'a' }),
    read(7, 8, made(0, 'a')),
    ...load(10, 15, { value: made(10, 'b') }),
    read(9, 16, made(10, 'b'), { demanded: 'b' }),
    ...load(15, 20, { value: made(15, 'a') }),
    ...load(16, 19, { key: 'other', value: made(16, 'a') }),
  ];
  expect(checkRevisions(history)).toEqual(none);
});

it('finds reads of another revision than they demand, and of none', () => {
  const other = read(1, 2, made(0, 'b'), { demanded: 'a' });
  const unknown = read(1, 2, made(0), { demanded: 'a' });
  const any = read(1, 2, made(0, 'b'));
  const unanswered = { ...read(1, 2, made(0), { demanded: 'a', outcome: 'failed' }), value: undefined };
  expect(checkRevisions([other, unknown, any, unanswered as never]).wrong).toEqual([other, unknown]);
});

it('finds a revision that is loaded again right after it was loaded, whoever loaded it', () => {
  const [first, again] = [load(0, 5, { value: made(0, 'a') }), load(10, 15, { process: 'q', value: made(10, 'a') })];
  expect(checkRevisions([...again, ...first]).needless).toMatchObject([
    { before: { start: 0 }, load: { start: 10, process: 'q' } },
  ]);
});

it('finds a load for a call that takes any value, where there is one', () => {
  const [first, any] = [load(0, 5, { value: made(0, 'a') }), load(10, 15, { value: made(10) })];
  expect(checkRevisions([...first, ...any]).needless).toMatchObject([{ load: { start: 10 } }]);
  expect(checkRevisions([...any, ...load(20, 25, { value: made(20, 'a') })]).needless).toEqual([]);
});

it('finds loads of a key at the same time, and one after a load that never ended', () => {
  const [first, second] = [load(0, 5, { value: made(0, 'a') }), load(4, 9, { value: made(4, 'b') })];
  expect(checkRevisions([...first, ...second]).atOnce).toMatchObject([{ before: { start: 0 }, load: { start: 4 } }]);
  const [begun, , kept] = load(10, 15, { value: made(10, 'a') });
  expect(checkRevisions([begun!, kept!, ...load(90, 95, { value: made(90, 'b') })]).atOnce).toHaveLength(1);
});

it('finds loads that were not kept, unless eight others got ahead of their call', () => {
  const others = Array.from({ length: 8 }, (_, index) => {
    const start = 10 + 10 * index;
    return load(start, start + 5, { process: 'q', value: made(start, `revision ${index % 2}`) });
  }).flat();
  const after = (begin: number) => [
    ...[...others, ...call(1, begin, 99, { k: 90 })],
    ...begunAndEnded(90, 95, { call: 1, value: made(90, 'mine') }),
  ];
  expect(checkRevisions(after(15))).toMatchObject({ ...none, aside: [{ start: 90 }] });
  expect(checkRevisions(after(16))).toMatchObject({ ...none, lost: [{ start: 90 }] });
  const [begun, ended] = begunAndEnded(0, 5, { value: made(0, 'a') });
  const declined = { ...publish(5, 6, made(0, 'a')), outcome: 'declined' } as const;
  expect(checkRevisions([begun!, ended!, declined]).lost).toHaveLength(1);
});

it('tells what it found', () => {
  const history = [
    ...load(0, 5e6, { value: made(0, 'a') }),
    ...load(4e6, 9e6, { value: made(4e6, 'a') }),
    read(6e6, 7e6, made(0), { demanded: 'b' }),
    ...begunAndEnded(8e6, 9e6, { value: made(8e6, 'c') }),
  ];
  expect(sentencesAboutRevisions(checkRevisions(history), history)).toEqual([
    'REVISION read k by process p, 6.000 ms to 7.000 ms, done: demanded b, ' +
      'got value 0 of process p for k, load at 0.000 ms, from any revision',
    'AT ONCE value 4000000 of process p for k, load at 4.000 ms, from a, ' +
      'while value 0 of process p for k, load at 0.000 ms, from a',
    'NEEDLESS value 4000000 of process p for k, load at 4.000 ms, from a, ' +
      'after value 0 of process p for k, load at 0.000 ms, from a',
    'LOST value 8000000 of process p for k, load at 8.000 ms, from c',
  ]);
});
