import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the service answers: a product as it is at the moment. */
export interface Product {
  readonly id: string;
  readonly revision: number;
  readonly description: string;
}

/** A real HTTP service on loopback whose answers are slow, and which counts what it is asked. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  /** Requests for products received from `client` so far; from everyone if left out. */
  requestsFrom(client?: string): number;
  /** Changes a product: answers given from now on carry the next revision. */
  change(id: string): void;
}

/** Starts the service on a free port; `GET /products/<id>` takes `answerAfter` milliseconds. */
export async function startService(answerAfter: number): Promise<Service> {
  const requests = new Map<string, number>();
  const revisions = new Map<string, number>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = String(request.headers['x-client']);
    requests.set(client, (requests.get(client) ?? 0) + 1);
    const id = request.url?.split('/').at(-1) ?? '';
    const product: Product = { id, revision: revisions.get(id) ?? 1, description: descriptionOf(id) };
    await sleep(answerAfter);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(product));
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requestsFrom: (client) => (client === undefined ? sum(requests.values()) : (requests.get(client) ?? 0)),
    change: (id) => void revisions.set(id, (revisions.get(id) ?? 1) + 1),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Asks the service for a product, as `client`. */
export async function fetchProduct(url: string, client: string, id: string): Promise<Product> {
  const response = await fetch(`${url}/products/${id}`, { headers: { 'x-client': client } });
  return (await response.json()) as Product;
}

function descriptionOf(id: string): string {
  return `Product ${id} is sturdy, light and washable. `.repeat(20);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
