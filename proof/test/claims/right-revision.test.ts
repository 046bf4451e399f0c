import { rightRevision, withoutDemands, withoutLeases } from '../../src/claims/right-revision.js';
import { claimSuite } from '../support/claim-suite.js';
import { controlSuite } from '../support/control-suite.js';

claimSuite(rightRevision, { concurrent: true });
controlSuite(rightRevision, [
  { name: 'calls that do not say what they demand', try: withoutDemands, finds: 'REVISION' },
  { name: 'each process loads for itself', try: withoutLeases, finds: 'NEEDLESS' },
]);
