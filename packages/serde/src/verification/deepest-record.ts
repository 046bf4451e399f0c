import { deepestValue } from '../inspection/inspection.js';

/** Levels of structures within structures of an entry's record: those of its value, and a few around it. */
export const deepestRecord = deepestValue + 16;
