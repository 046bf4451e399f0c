import { createRequire } from 'node:module';
import type { Server } from '../shared-contender.js';

/** What is used of a client of memjs, which has no types of its own. */
export interface MemjsClient {
  get(key: string): Promise<{ readonly value: Buffer | null }>;
  set(key: string, value: string | Buffer, options: { readonly expires: number }): Promise<boolean>;
  close(): void;
}

const require = createRequire(import.meta.url);
const { Client } = require('memjs') as { readonly Client: { create(servers: string, options: object): MemjsClient } };

export function memjsClient({ host, port }: Server): MemjsClient {
  return Client.create(`${host}:${port}`, { timeout: 10, retries: 1 });
}
