import { InvalidCallError } from './errors.js';

/**
 * What a function of the user's has answered, which has to be true or false, at once.
 *
 * @param call - what the function is called in messages.
 * @throws InvalidCallError
 */
export function booleanIn(call: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  leaveToNobody(answer);
  throw new InvalidCallError(call, 'true or false from it, at once', answer);
}

/**
 * Nobody will hear how a promise ends that was not wanted, so its rejection must not end the process. Other thenables are
 * left alone: some of them, such as queries, begin only when they are asked.
 */
export function leaveToNobody(unwanted: unknown): void {
  if (Object.prototype.toString.call(unwanted) !== '[object Promise]') return;
  try {
    void Promise.prototype.then.call(unwanted as Promise<unknown>, undefined, doNothing);
  } catch {
    // It only calls itself a promise.
  }
}

function doNothing(): void {
  // The caller got an error already.
}
