import { mutatedBytesSuite } from '../support/mutated-bytes-suite.js';

mutatedBytesSuite('json');
