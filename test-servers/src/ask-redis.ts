import { connect } from 'node:net';

/** A reply of Redis: text, a number, nothing, or a list of replies. */
export type RedisReply = string | number | null | RedisReply[];

/** Sends one command to a Redis on the loopback interface over a connection of its own; rejects on an error reply. */
export function askRedis(port: number, ...command: readonly string[]): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const finish = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.setEncoding('latin1');
    socket.setTimeout(2_000, () => finish(() => reject(new Error(`${command.join(' ')}: no reply within 2 seconds`))));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('close', () => finish(() => reject(new Error(`${command.join(' ')}: the connection was closed`))));
    socket.on('data', (chunk: string) => {
      received += chunk;
      try {
        const reply = new ReplyReader(received).read();
        finish(() => resolve(reply));
      } catch (error) {
        if (!(error instanceof Incomplete)) finish(() => reject(error));
      }
    });
    socket.write(encode(command));
  });
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${String(Buffer.byteLength(part))}\r\n${part}\r\n`);
  return `*${String(command.length)}\r\n${parts.join('')}`;
}

/** More bytes are needed to read the reply. */
class Incomplete extends Error {}

class ReplyReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): RedisReply {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case '-':
        throw new Error(rest);
      case ':':
        return Number(rest);
      case '$':
        return rest === '-1' ? null : this.#bulk(Number(rest));
      case '*':
        return rest === '-1' ? null : Array.from({ length: Number(rest) }, () => this.read());
      default:
        return rest;
    }
  }

  #line(): string {
    const end = this.#text.indexOf('\r\n', this.#position);
    if (end < 0) throw new Incomplete();
    const line = this.#text.slice(this.#position, end);
    this.#position = end + 2;
    return line;
  }

  #bulk(length: number): string {
    const end = this.#position + length;
    if (this.#text.length < end + 2) throw new Incomplete();
    const text = this.#text.slice(this.#position, end);
    this.#position = end + 2;
    return text;
  }
}
