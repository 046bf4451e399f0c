import { startRedis } from '@memo/test-servers';
import { Redis } from 'ioredis';
import type { ServerKind } from './server-kind.js';

export const redisKind: ServerKind = {
  title: 'Redis',
  variable: 'REDIS_URL',
  usualPlace: '127.0.0.1:6379',
  usualUrl: 'redis://127.0.0.1:6379',
  program: 'redis-server',
  start: () => startRedis(),
  faultOf,
};

async function faultOf(url: string, namespace: string): Promise<string | undefined> {
  if (!/^(rediss?:\/)?\//.test(url)) return 'it should begin with redis://, rediss:// or /';
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1000,
    commandTimeout: 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let fault: Error | undefined;
  // It says more than the rejection, which tells only that the connection is closed.
  client.on('error', (error: Error) => (fault ??= error));
  try {
    await client.connect();
    await client.set(`${namespace}:try`, '', 'PX', 1);
    return undefined;
  } catch (error) {
    return (fault ?? (error as Error)).message;
  } finally {
    client.disconnect();
  }
}
