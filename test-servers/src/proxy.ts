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
  /** From now on every piece of data, in both directions, arrives this many milliseconds later, in its order. */
  delay(milliseconds: number): void;
  /** Each connection is closed after this many more bytes of the server's answers, in the middle of one if it so falls. */
  cutAfter(bytes: number): void;
  /**
   * Each connection's answers stop after this many more bytes while the connection stays open; what was held back
   * arrives after `resume`. Requests still reach the server.
   */
  stallAfter(bytes: number): void;
  /** Nothing is forwarded any more; what was held back arrives after `resume`. */
  freeze(): void;
  /** Nothing arrives any more and nobody is told: connections stay open, data is lost (half-open, blackhole). */
  swallow(): void;
  /** The same for the connections that are open now, as behind a firewall that has forgotten them. New ones are served. */
  forget(): void;
  /** Breaks all connections with a reset (RST). New ones are served. */
  reset(): void;
  /** Ends all connections in good order (FIN). New ones are served. */
  finish(): void;
  /** Breaks all connections and refuses new ones. */
  refuse(): Promise<void>;
  /**
   * Takes back every fault. What was delayed or held back arrives at once. Connections whose data may have been swallowed
   * are broken, as they can never be right again.
   */
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
  readonly #faults: Faults = { ...noFaults };
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
    for (const link of this.#links) link.cutAfter(bytes);
  }

  stallAfter(bytes: number): void {
    this.#faults.stallAfter = bytes;
    for (const link of this.#links) link.stallAfter(bytes);
  }

  freeze(): void {
    this.#faults.frozen = true;
  }

  swallow(): void {
    this.#faults.swallowing = true;
  }

  forget(): void {
    for (const link of this.#links) link.forget();
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
    Object.assign(this.#faults, noFaults);
    for (const link of this.#links) link.resume();
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
  /** How many bytes of answers a new connection lets through before it is cut. */
  cutAfter: number;
  /** How many bytes of answers a new connection lets through before it stalls. */
  stallAfter: number;
  frozen: boolean;
  swallowing: boolean;
}

const noFaults: Readonly<Faults> = {
  delay: 0,
  cutAfter: Infinity,
  stallAfter: Infinity,
  frozen: false,
  swallowing: false,
};

/** One client's connection and the one to the server that belongs to it. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #requests: Flow;
  readonly #answers: Flow;
  #isForgotten = false;

  constructor(client: Socket, target: ProxyTarget, faults: Faults, closed: () => void) {
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    this.#client = client;
    this.#server = server;
    this.#requests = new Flow(client, server, faults);
    this.#answers = new Flow(server, client, faults);
    this.cutAfter(faults.cutAfter);
    this.stallAfter(faults.stallAfter);
    client.on('close', closed);
  }

  cutAfter(bytes: number): void {
    this.#answers.untilCut = bytes;
  }

  stallAfter(bytes: number): void {
    this.#answers.untilStall = bytes;
  }

  forget(): void {
    this.#isForgotten = true;
    this.#requests.forget();
    this.#answers.forget();
  }

  reset(): void {
    breakOff(this.#client);
    breakOff(this.#server);
  }

  finish(): void {
    this.#client.end();
    this.#server.end();
  }

  resume(): void {
    if (this.#isForgotten) this.reset();
    this.cutAfter(Infinity);
    this.stallAfter(Infinity);
    this.#requests.deliverNow();
    this.#answers.deliverNow();
  }
}

/** Breaks a connection, with a reset unless its end is on its way already: then it could not be reset, nor ever close. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** A piece of data, or the end of it, on its way since it arrived at the proxy. */
interface Piece {
  readonly content: Buffer | 'end';
  /** When it may go on, on the scale of `performance.now()`. */
  readonly due: number;
}

/** One direction of a connection: pieces leave in the order in which they came, whatever becomes of the faults. */
class Flow {
  /** How many bytes may still pass before the connection is closed. */
  untilCut = Infinity;
  /** How many bytes may still pass before nothing does. */
  untilStall = Infinity;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faults: Readonly<Faults>;
  #isForgotten = false;
  #pieces: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, faults: Readonly<Faults>) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    from.on('data', (data) => this.#pass(data));
    from.on('end', () => this.#pass('end'));
    // The other side learns of a broken connection by its own being broken; `close` follows.
    from.on('error', () => breakOff(to));
    from.on('close', () => to.destroySoon());
  }

  /** Loses everything that is on its way and that comes from now on. */
  forget(): void {
    this.#isForgotten = true;
    this.#pieces = [];
  }

  /** Delivers everything that was delayed or held back. */
  deliverNow(): void {
    this.#pieces = this.#pieces.map(({ content }) => ({ content, due: 0 }));
    this.#deliver();
  }

  #pass(content: Buffer | 'end'): void {
    if (this.#faults.swallowing || this.#isForgotten) return;
    this.#pieces.push({ content, due: performance.now() + this.#faults.delay });
    this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    if (this.#faults.swallowing) this.#pieces = [];
    for (;;) {
      const [piece] = this.#pieces;
      if (piece === undefined || this.#faults.frozen || this.untilStall <= 0) return;
      const wait = piece.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(wait)).unref();
        return;
      }
      this.#pieces.shift();
      if (piece.content === 'end') this.#to.end();
      else this.#write(piece.content);
    }
  }

  #write(data: Buffer): void {
    const passing = Math.min(data.length, this.untilCut, this.untilStall);
    this.untilCut -= passing;
    this.untilStall -= passing;
    if (passing < data.length) this.#pieces.unshift({ content: data.subarray(passing), due: 0 });
    this.#to.write(data.subarray(0, passing));
    if (this.untilCut > 0) return;
    this.#pieces = [];
    this.#to.end();
    this.#from.destroy();
  }
}
