import { oneLoad } from '../../src/claims/one-load.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(oneLoad);
