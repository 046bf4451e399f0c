import { failureRecord } from '../entry/failure-record.js';
import { InvalidCallError } from '../errors.js';

/** What memo makes of a failure for a shared storage: one of which everything is told that is ever told of one. */
export const rememberedFailure = {
  failure: failureRecord(
    new AggregateError(
      [new TypeError('päper \ud800 🔑'), Object.assign(new Error('coded'), { code: -1.5 }), 'text', { status: [404] }],
      '\ufeff\u0000 several',
      { cause: new InvalidCallError('memoize', 'a function', undefined) },
    ),
  ),
  ofSingleKey: true,
};
