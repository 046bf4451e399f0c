import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';

/** The server, or whoever stands between, has answered what is no answer to the command. */
export class UnexpectedAnswerError extends Error {
  constructor(answer: unknown) {
    const told = Buffer.isBuffer(answer) ? answer.toString() : answer;
    const advice = `Give the storage a client on which nobody sends MULTI.`;
    super(`The server answered ${inspect(told)}. ${told === 'QUEUED' ? advice : 'Nothing tells what it has done.'}`);
    this.name = 'UnexpectedAnswerError';
  }
}

/** The answer, if it is one. @throws UnexpectedAnswerError */
export function expectAnswer<A>(answer: A, isExpected: (answer: A) => boolean): A {
  if (isExpected(answer)) return answer;
  throw new UnexpectedAnswerError(answer);
}
