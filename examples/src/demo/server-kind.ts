import type { Server } from '@memo/test-servers';

/** What the demo knows of one kind of servers that several processes can share. */
export interface ServerKind {
  readonly title: string;
  /** The environment variable that says where such a server is. */
  readonly variable: string;
  /** Where such a server usually is, as a host and a port. */
  readonly usualPlace: string;
  readonly usualUrl: string;
  /** The program that is such a server. */
  readonly program: string;
  /** Starts a server of the demo's own. */
  start(): Promise<Server>;
  /** Why the server at `url` cannot be used, for entries in `namespace`; `undefined` if it can. Never tells a password. */
  faultOf(url: string, namespace: string): Promise<string | undefined>;
}
