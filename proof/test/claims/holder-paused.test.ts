import { holderPaused } from '../../src/claims/holder-paused.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(holderPaused, { concurrent: true });
