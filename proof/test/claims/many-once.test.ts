import { manyOnce, manyOneByOne, manyWithoutFence, manyWithoutLeases } from '../../src/claims/many-once.js';
import { claimSuite } from '../support/claim-suite.js';
import { controlSuite } from '../support/control-suite.js';

claimSuite(manyOnce, { concurrent: true });
controlSuite(manyOnce, [
  { name: 'each key by a call of its own', try: manyOneByOne, finds: 'APART' },
  { name: 'each process loads for itself', try: manyWithoutLeases, finds: 'LOADS' },
  { name: 'the fence switched off', try: manyWithoutFence, finds: 'STALE' },
]);
