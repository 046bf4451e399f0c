import { expect, it } from 'vitest';
import { readCommand } from '../src/command.js';

const benchmarks = ['hit', 'miss', 'traces'];
const read = (line: string) => readCommand(line.split(' ').filter(Boolean), benchmarks, new Set(['traces']));

it('without words, all is to be measured that needs no word of its own', () => {
  expect(read('')).toEqual({ names: ['hit', 'miss'], words: [], quick: false, results: undefined });
});

it('names benchmarks, how long they may take, and where to keep what they find', () => {
  expect(read('miss hit --quick --results somewhere')).toEqual({
    ...{ names: ['miss', 'hit'], words: [], quick: true, results: 'somewhere' },
  });
});

it('takes a word for a benchmark that needs one', () => {
  expect(read('traces shared/traces')).toMatchObject({ names: ['traces'], words: ['shared/traces'] });
});

it('names libraries', () => {
  expect(read('hit --only memo,lru-cache').only).toEqual(['memo', 'lru-cache']);
});

it('measures nothing where only the targets are asked for', () => {
  expect(read('targets')).toMatchObject({ names: [], words: [] });
});

it('refuses benchmarks and options that are not there', () => {
  expect(() => read('hits')).toThrow(
    'There is no benchmark "hits"; expected one or more of: hit, miss, traces, targets',
  );
  expect(() => read('--fast')).toThrow(/^Unknown option '--fast'/);
});
