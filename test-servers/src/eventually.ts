import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is true; an answer that throws counts as "not yet". */
export async function eventually(what: string, isTrue: () => Promise<boolean>, limit = 20_000): Promise<void> {
  const end = Date.now() + limit;
  let lastError: unknown;
  while (Date.now() < end) {
    try {
      if (await isTrue()) return;
    } catch (error) {
      if (error instanceof GaveUp) throw error;
      lastError = error;
    }
    await pause(10);
  }
  throw new Error(`${what} did not happen within ${String(limit)} ms`, { cause: lastError });
}

/** Thrown by what `eventually` asks when waiting any longer is pointless. */
export class GaveUp extends Error {}
