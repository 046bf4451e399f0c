import { serverFaults } from '../../src/claims/server-faults.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(serverFaults, { concurrent: true });
