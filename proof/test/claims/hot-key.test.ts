import { hotKey } from '../../src/claims/hot-key.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(hotKey, { concurrent: true });
