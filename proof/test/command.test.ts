import { expect, it } from 'vitest';
import { allClaims } from '../src/claims/all-claims.js';
import { readCommand } from '../src/command.js';

const read = (line: string) => readCommand(line.split(' ').filter(Boolean), allClaims);

it('without words, everything is to be proved at length', () => {
  expect(read('')).toEqual({
    ...{ claims: allClaims, storages: ['redis', 'cluster', 'memcached', 'sentinel'], amount: undefined, seed: 1 },
  });
});

it('names claims, a storage, how much, and a seed', () => {
  const command = read('hot-key one-load --storage memcached --rounds 7 --seed 42');
  expect(command.claims.map(({ name }) => name)).toEqual(['one-load', 'hot-key']);
  expect(command).toMatchObject({ storages: ['memcached'], amount: 7, seed: 42 });
  expect(read('--operations 1000').amount).toBe(1_000);
  expect(read('--seconds 9').amount).toBe(9);
});

it.each([
  [
    'hot-keys',
    'There is no claim "hot-keys"; expected one of: one-load, no-stale-read, holder-killed, holder-paused, wake-up, ' +
      'command-budget, hot-key, failing-source, server-faults',
  ],
  ['--storage disk', 'There is no storage "disk"; expected one of: redis, cluster, memcached, sentinel'],
  ['--rounds 0', '--rounds should be a whole number from 1 on, got "0"'],
  ['--seed 1.5', '--seed should be a whole number from 0 on, got "1.5"'],
])('refuses %s', (line, message) => {
  expect(() => read(line)).toThrow(message);
});

it('refuses options that are not there', () => {
  expect(() => read('--round 3')).toThrow(/^Unknown option '--round'/);
});
