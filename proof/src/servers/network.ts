import { startProxy, type Proxy } from '@memo/test-servers';
import type { Reach } from './reach.js';
import type { Servers } from './servers.js';

/** One process's own way to the servers, which may be made faulty without that of the others. */
export interface Network extends AsyncDisposable {
  readonly reach: Reach;
  /** One for each server; none where the way is direct. */
  readonly proxies: readonly Proxy[];
}

/** The way without anything in between. */
export function directNetwork({ kind, nodes }: Servers): Network {
  return { reach: { kind, nodes }, proxies: [], [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** A way through a proxy for each server. */
export async function proxiedNetwork({ kind, nodes }: Servers): Promise<Network> {
  const proxies = await Promise.all(nodes.map(({ host, port }) => startProxy({ target: { host, port } })));
  const through = proxies.map(({ host, port }) => ({ host, port }));
  const detours = Object.fromEntries(nodes.map(({ host, port }, index) => [`${host}:${port}`, through[index]!]));
  return {
    reach: kind === 'cluster' ? { kind, nodes: through, detours } : { kind, nodes: through },
    proxies,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    },
  };
}
