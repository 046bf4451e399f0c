import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'vitest';
import { answerBytes, type AnswerParts } from './answer-bytes.js';

/** A request as it arrived at a server. */
export interface ReceivedRequest {
  readonly opcode: number;
  readonly opaque: number;
  readonly key: string;
  readonly value: string;
  readonly socket: Socket;
  /** Answers it; what is not said is what a good server says. */
  answer(parts?: AnswerParts): void;
}

/** A server of which a test says what it answers, also what no good server would. */
export class ScriptedServer implements AsyncDisposable {
  readonly host = '127.0.0.1';
  /** Every request that has arrived, the oldest first. */
  readonly requests: ReceivedRequest[] = [];
  /** Every connection that was accepted, the oldest first. */
  readonly sockets: Socket[] = [];
  readonly #listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  readonly #answer: (request: ReceivedRequest) => void;

  /** @param answer - told of every request as it arrives. */
  constructor(answer: (request: ReceivedRequest) => void = () => {}) {
    this.#answer = answer;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  async listen(where: { readonly path: string } | { readonly port: number; readonly host: string }): Promise<void> {
    this.#listener.listen(where);
    await once(this.#listener, 'listening');
  }

  /** Waits until `count` requests have arrived. */
  async received(count: number): Promise<readonly ReceivedRequest[]> {
    await expect.poll(() => this.requests.length, { interval: 2 }).toBeGreaterThanOrEqual(count);
    return this.requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #accept(socket: Socket): void {
    this.sockets.push(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 24 && rest.length >= 24 + rest.readUInt32BE(8)) {
        const length = 24 + rest.readUInt32BE(8);
        const request = requestIn(rest.subarray(0, length), socket);
        rest = rest.subarray(length);
        this.requests.push(request);
        this.#answer(request);
      }
    });
  }
}

/** A scripted server on a port of its own. */
export async function startScriptedServer(answer?: (request: ReceivedRequest) => void): Promise<ScriptedServer> {
  const server = new ScriptedServer(answer);
  await server.listen({ port: 0, host: server.host });
  return server;
}

function requestIn(bytes: Buffer, socket: Socket): ReceivedRequest {
  const [opcode, opaque] = [bytes.readUInt8(1), bytes.readUInt32BE(12)];
  const keyStart = 24 + bytes.readUInt8(4);
  const valueStart = keyStart + bytes.readUInt16BE(2);
  return {
    opcode,
    opaque,
    key: bytes.toString('utf8', keyStart, valueStart),
    value: bytes.toString('utf8', valueStart),
    socket,
    answer: (parts = {}) => void socket.write(answerBytes({ opcode, opaque, ...parts })),
  };
}
