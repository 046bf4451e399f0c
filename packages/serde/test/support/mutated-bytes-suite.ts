import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { envelopeLayout, packEntry, unpackEntry, UnreadableBytesError } from '../../src/index.js';
import { campaign, type Outcome } from '../fuzz/campaign.js';
import { allCombinations, plains, type Combination } from '../fuzz/combinations.js';
import { envelope } from '../fuzz/dialects.js';
import { Dice } from '../fuzz/dice.js';
import { foreignPayloads } from '../fuzz/foreign.js';
import { mutated } from '../fuzz/mutation.js';
import { thrownBy } from './thrown-by.js';

const seed = 1;
const mutations = 5_000;
const combinations = await allCombinations();
const foreign = foreignPayloads(combinations);

/**
 * Damages what one SerDe writes, alone, in every encoding and in an envelope. It takes so long that each SerDe has a file of
 * its own, in `mutated-bytes`: files run beside one another.
 */
export function mutatedBytesSuite(name: string): void {
  const ofSerDe = combinations.filter((combination) => isOf(name, combination));

  it('every SerDe has a file, and every combination a SerDe', () => {
    const files = readdirSync(new URL('../mutated-bytes/', import.meta.url));
    expect(files.sort()).toEqual(plains.map((plain) => `${plain.name}.test.ts`));
    const others = combinations.filter((combination) => !plains.some((plain) => isOf(plain.name, combination)));
    expect(others).toEqual([]);
  });

  describe.each(ofSerDe)('$name', { timeout: 60_000 }, (combination) => {
    it(`refuses mutated bytes by an error of its own, or reads an entry: seed ${seed}`, async () => {
      const outcome = await campaign(combination, { seed, count: mutations });
      expect(findingsOf(outcome)).toStrictEqual([]);
      expect(outcome.refused + outcome.read + outcome.unchanged).toBe(mutations);
      expect(outcome.refused).toBeGreaterThan(mutations / 2);
      // Some damage has to get through, or nothing behind the first check was tried.
      expect(outcome.read).toBeGreaterThan(mutations / 100);
    });

    it('refuses foreign bytes by an error of its own, or reads an entry', async () => {
      const { original } = combination.originals[0]!;
      const reader: Combination = {
        ...combination,
        mutation: ({ index }) => ({ bytes: foreign[index]![1], original }),
      };
      const outcome = await campaign(reader, { seed, count: foreign.length });
      expect(outcome.findings.map(({ index, wrong }) => `${foreign[index]![0]}: ${wrong}`)).toStrictEqual([]);
    });
  });

  describe.each(plains.filter((plain) => plain.name === name))('the envelope of $name', ({ serde, entries }) => {
    it(`is noticed to be changed, whatever is done to it: seed ${seed}`, async () => {
      const envelopes = await Promise.all(entries.map(async (entry) => packEntry('key', entry, serde)));
      for (let index = 0; index < mutations; index++) {
        const dice = new Dice(seed, index);
        const data = dice.pick(envelopes);
        const changed = mutated(data, { dice, dialect: envelope, donors: envelopes }).slice();
        // The lease is the storage's to change.
        const { lease, moments } = envelopeLayout;
        if (changed.length > lease) changed.set(data.subarray(lease, Math.min(moments, changed.length)), lease);
        if (envelopes.some((each) => Buffer.compare(each, changed) === 0)) continue;
        expect(thrownBy(() => unpackEntry('key', changed, serde))).toBeInstanceOf(UnreadableBytesError);
      }
    });
  });
}

/** Whether it is about what the SerDe of that name writes. */
function isOf(name: string, combination: Combination): boolean {
  return combination.name.split('+')[0] === name || combination.name === `envelope of ${name}`;
}

/** What happened that may not happen, and how to see it again. */
function findingsOf({ findings }: Outcome): readonly string[] {
  return findings.map(
    ({ combination, index, wrong }) =>
      `${wrong}: npm run fuzz -- '${combination}' --seed ${seed} --from ${index} --count 1`,
  );
}
