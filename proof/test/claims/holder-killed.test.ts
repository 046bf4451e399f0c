import { holderKilled } from '../../src/claims/holder-killed.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(holderKilled);
