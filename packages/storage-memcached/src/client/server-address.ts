/** With what a client presents itself to a server that asks for it (SASL, mechanism PLAIN). */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** Where a server is, by TCP or by the path of a Unix socket, and with what to present oneself there. */
export type ServerAddress = Credentials &
  ({ readonly host: string; readonly port: number } | { readonly path: string });

/** The name of a server in messages and for choosing among several: `host:port` or the path. */
export function nameOf(address: ServerAddress): string {
  if ('path' in address) return address.path;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
