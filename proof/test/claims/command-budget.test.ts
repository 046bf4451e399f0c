import { commandBudget } from '../../src/claims/command-budget.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(commandBudget);
