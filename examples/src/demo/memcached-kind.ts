import { InvalidCallError } from '@memo/core';
import { startMemcached } from '@memo/test-servers';
import { sharedStorage } from './shared-storage.js';
import type { ServerKind } from './server-kind.js';

export const memcachedKind: ServerKind = {
  title: 'Memcached',
  variable: 'MEMCACHED_URL',
  usualPlace: '127.0.0.1:11211',
  usualUrl: '127.0.0.1:11211',
  program: 'memcached',
  start: () => startMemcached(),
  faultOf,
};

async function faultOf(url: string, namespace: string): Promise<string | undefined> {
  try {
    await using storage = sharedStorage({ kind: 'memcached', url }, namespace);
    // Asks every server, if there are several, and writes to it.
    await storage.clear('');
    return undefined;
  } catch (error) {
    if (InvalidCallError.isInstance(error)) return 'it should be host:port, or several with commas between them';
    return firstCauseOf(error as Error).message;
  }
}

/** What was at fault in the end; the errors around it say what it was at fault for. */
function firstCauseOf(error: Error): Error {
  return error.cause instanceof Error ? firstCauseOf(error.cause) : error;
}
