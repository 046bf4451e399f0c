import { describe, expect, it } from 'vitest';
import { etagDefects, etagScenarios } from './pymemoize-etag-scenarios.js';
import { functionDefects, functionScenarios } from './pymemoize-function-scenarios.js';
import type { KeyedLibrary } from './pymemoize-library.js';
import { lockDefects, lockScenarios } from './pymemoize-lock-scenarios.js';
import { memo } from './pymemoize-memo.js';
import { pyMemoize } from './pymemoize-model.js';
import { operationDefects, operationScenarios } from './pymemoize-operation-scenarios.js';
import { optionDefects, optionScenarios } from './pymemoize-option-scenarios.js';
import { ownScenarios } from './pymemoize-own-scenarios.js';
import { readingDefects, readingScenarios } from './pymemoize-reading-scenarios.js';
import type { KeyedScenario } from './pymemoize-scenario.js';
import { type Place, World } from './pymemoize-world.js';
import { type Defect, testsAgainstTheOriginal, testsOfMendedDefects } from './scenario.js';

const scenarios = [
  ...optionScenarios,
  ...readingScenarios,
  ...etagScenarios,
  ...operationScenarios,
  ...functionScenarios,
  ...lockScenarios,
];

const defects = [
  ...optionDefects,
  ...readingDefects,
  ...etagDefects,
  ...operationDefects,
  ...functionDefects,
  ...lockDefects,
].map(played);

/** Lets a scenario play in a world of its own. */
type Stage = (observe: (world: World) => Promise<unknown>) => Promise<unknown>;

/** All that is known of PyMemoize, over the storages of `place`. */
export function pyMemoizeSuite(place: Place): void {
  describe(`PyMemoize over ${place.name}`, () => {
    describe('defects, mended', () => testsOfMendedDefects(stage(memo, place), defects));

    describe('the tests of mended defects fail against PyMemoize', () =>
      testsAgainstTheOriginal(stage(pyMemoize, place), defects));

    /** The model must be wrong only where its original is, or the failures above would prove nothing. */
    describe('what it does well: memo', () => testsOf(scenarios, stage(memo, place)));

    describe('what it does well: PyMemoize', () => testsOf(scenarios, stage(pyMemoize, place)));

    describe('what is only in memo', () => testsOf(ownScenarios, stage(memo, place)));
  });
}

function testsOf(observed: readonly KeyedScenario[], play: Stage): void {
  it.each(observed.map((scenario) => [scenario.row, scenario.title, scenario] as const))(
    '%s: %s',
    async (_row, _title, { expected, observe }) => {
      expect(await play(observe)).toEqual(expected);
    },
  );
}

function stage(library: KeyedLibrary, place: Place): Stage {
  return async (observe) => {
    const world = new World(library, place);
    try {
      return await observe(world);
    } finally {
      await world.end();
    }
  };
}

function played({ observe, ...defect }: Defect<World>): Defect<Stage> {
  return { ...defect, observe: (play) => play(observe) };
}
