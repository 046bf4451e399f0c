import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';

/** Where a proxy forwards to. */
export interface ProxyTarget {
  readonly host?: string;
  readonly port: number;
}

/** A TCP proxy on the loopback interface that makes a healthy server look like a faulty network. */
export interface Proxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** How many clients are connected now. */
  readonly connections: number;
  /** From now on every piece of data, in both directions, arrives this many milliseconds later. */
  delay(milliseconds: number): void;
  /** Each connection is closed after this many more bytes of the server's answers, in the middle of one if it so falls. */
  cutAfter(bytes: number): void;
  /** Nothing is forwarded any more; what was held back arrives after `resume`. */
  freeze(): void;
  /** Nothing arrives any more and nobody is told: connections stay open, data is lost (half-open, blackhole). */
  swallow(): void;
  /** Breaks all connections with a reset (RST). New ones are served. */
  reset(): void;
  /** Ends all connections in good order (FIN). New ones are served. */
  finish(): void;
  /** Breaks all connections and refuses new ones. */
  refuse(): Promise<void>;
  /** Takes back every fault. Connections whose data was swallowed are broken, as they can never be right again. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a server on a free port. */
export async function startProxy(options: { readonly target: ProxyTarget }): Promise<Proxy> {
  const proxy = new FaultyProxy(options.target);
  await proxy.listen();
  return proxy;
}

class FaultyProxy implements Proxy {
  readonly host = '127.0.0.1';
  readonly #target: ProxyTarget;
  readonly #links = new Set<Link>();
  readonly #faults: Faults = { delay: 0, cutAfter: Infinity, frozen: false, swallowing: false };
  #listener: Listener | undefined;
  #port = 0;

  constructor(target: ProxyTarget) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#links.size;
  }

  async listen(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true }, (client) => {
      const link = new Link(client, this.#target, this.#faults, () => this.#links.delete(link));
      this.#links.add(link);
    });
    listener.listen(this.#port, this.host);
    await once(listener, 'listening');
    listener.unref();
    this.#port = (listener.address() as AddressInfo).port;
    this.#listener = listener;
  }

  delay(milliseconds: number): void {
    this.#faults.delay = milliseconds;
  }

  cutAfter(bytes: number): void {
    this.#faults.cutAfter = bytes;
    for (const link of this.#links) link.countAnew();
  }

  freeze(): void {
    this.#faults.frozen = true;
  }

  swallow(): void {
    this.#faults.swallowing = true;
  }

  reset(): void {
    for (const link of this.#links) link.reset();
  }

  finish(): void {
    for (const link of this.#links) link.finish();
  }

  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.reset();
    if (listener === undefined) return;
    listener.close();
    await once(listener, 'close');
  }

  async resume(): Promise<void> {
    if (this.#faults.swallowing) this.reset();
    Object.assign(this.#faults, { delay: 0, cutAfter: Infinity, frozen: false, swallowing: false } satisfies Faults);
    for (const link of this.#links) link.deliverHeldBack();
    if (this.#listener === undefined) await this.listen();
  }

  stop(): Promise<void> {
    return this.refuse();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

interface Faults {
  delay: number;
  cutAfter: number;
  frozen: boolean;
  swallowing: boolean;
}

/** One client's connection and the one to the server that belongs to it. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: Faults;
  #answered = 0;
  #heldBack: (() => void)[] = [];

  constructor(client: Socket, target: ProxyTarget, faults: Faults, closed: () => void) {
    this.#client = client;
    this.#faults = faults;
    this.#server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, this.#server],
      [this.#server, client],
    ] as const) {
      from.on('data', (data) => this.#pass(() => this.#write(to, data)));
      from.on('end', () => this.#pass(() => to.end()));
      // The other side learns of a broken connection by its own being broken; `close` follows.
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => to.destroySoon());
    }
    client.on('close', closed);
  }

  countAnew(): void {
    this.#answered = 0;
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  finish(): void {
    this.#client.end();
    this.#server.end();
  }

  deliverHeldBack(): void {
    const heldBack = this.#heldBack;
    this.#heldBack = [];
    for (const deliver of heldBack) deliver();
  }

  #pass(deliver: () => void): void {
    if (this.#faults.swallowing) return;
    if (this.#faults.delay > 0) setTimeout(() => this.#passNow(deliver), this.#faults.delay).unref();
    else this.#passNow(deliver);
  }

  #passNow(deliver: () => void): void {
    if (this.#faults.swallowing) return;
    if (this.#faults.frozen) this.#heldBack.push(deliver);
    else deliver();
  }

  #write(to: Socket, data: Buffer): void {
    if (to !== this.#client) {
      to.write(data);
      return;
    }
    const rest = this.#faults.cutAfter - this.#answered;
    this.#answered += data.length;
    if (data.length < rest) {
      to.write(data);
      return;
    }
    to.end(data.subarray(0, rest));
    this.#server.destroy();
  }
}
