/** What `answer` settles to, unless the signal fires first: then it rejects with its reason, and `leave` is called. */
export function untilAborted<R>(answer: Promise<R>, signal: AbortSignal, leave?: () => void): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
      leave?.();
    };
    // It may have fired within the call itself.
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
