import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { askRedis, eventually } from '@memo/test-servers';

/** Watches what a Redis is told (MONITOR). What scripts do on the server is left out: it is part of their call. */
export class Monitor implements AsyncDisposable {
  readonly #port: number;
  readonly #socket: Socket;
  #text = '';
  #marks = 0;

  private constructor(port: number, socket: Socket) {
    this.#port = port;
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => (this.#text += text));
  }

  static async on(port: number): Promise<Monitor> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const monitor = new Monitor(port, socket);
    socket.write('MONITOR\r\n');
    await eventually('A monitor', async () => monitor.#text.startsWith('+OK'));
    await monitor.commands();
    return monitor;
  }

  /** The names of the commands since this was asked last, in lower case and in their order. */
  async commands(): Promise<readonly string[]> {
    const mark = `mark ${++this.#marks}`;
    await askRedis(this.#port, 'ECHO', mark);
    await eventually('The mark in the monitor', async () => this.#text.includes(mark));
    const lines = this.#text.split('\r\n');
    this.#text = '';
    return lines.flatMap((line) => {
      const [, source, command] = /^\+[\d.]+ \[\d+ (\S+)\] "([^"]+)"/.exec(line) ?? [];
      return source === undefined || source === 'lua' || line.includes(mark) ? [] : [command!.toLowerCase()];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }
}
