/** What the faults use of the client of memjs beside what is declared for the sources. */
declare module 'memjs' {
  import type { Buffer } from 'node:buffer';

  export interface Client {
    /** Number of the last request. */
    seq: number;
    get(key: string): Promise<{ value: Buffer | null }>;
    set(key: string, value: string, options: { expires?: number }): Promise<boolean>;
    delete(key: string): Promise<boolean>;
  }
}
