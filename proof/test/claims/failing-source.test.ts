import { failingSource } from '../../src/claims/failing-source.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(failingSource, { concurrent: true });
