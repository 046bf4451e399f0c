/** What this package uses of memjs 1.3, which has no types of its own. */
declare module 'memjs' {
  import type { Buffer } from 'node:buffer';

  /** A client, of which tests make some; the storage reads where its servers are. */
  export class Client {
    static create(servers: string, options?: Readonly<Record<string, unknown>>): Client;
    readonly servers: readonly {
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
    }[];
    close(): void;
  }

  export const Utils: {
    makeRequestBuffer(
      opcode: number,
      key: Buffer | string,
      extras: Buffer | string,
      value: Buffer | string,
      opaque: number,
    ): Buffer;
  };
}

declare module 'memjs/lib/memjs/protocol.js' {
  export const errors: Readonly<Record<number, string | undefined>>;
}
