/** What the tests use of the client of memjs 1.3, which has no types of its own. */
declare module 'memjs' {
  import type { Buffer } from 'node:buffer';

  export class Client {
    static create(servers: string, options: object): Client;
    /** Number of the last request. */
    seq: number;
    get(key: string): Promise<{ value: Buffer | null }>;
    set(key: string, value: string, options: { expires?: number }): Promise<boolean>;
    delete(key: string): Promise<boolean>;
    close(): void;
  }
}
