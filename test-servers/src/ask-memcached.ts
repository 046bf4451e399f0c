import { connect } from 'node:net';

/**
 * Sends one command to a Memcached on the loopback interface, in its text protocol and over a connection of its own:
 * `askMemcached(port, 'get a')`, `askMemcached(port, 'set a 0 0 1', '1')`. Resolves with the lines of the reply; a value
 * is one of them, whatever it contains, its bytes read as latin1. Rejects on an error reply.
 */
export function askMemcached(port: number, ...lines: readonly string[]): Promise<readonly string[]> {
  const [command = ''] = lines;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    const finish = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    const fail = (message: string): void => finish(() => reject(new Error(`${command}: ${message}`)));
    socket.setEncoding('latin1');
    socket.setTimeout(2_000, () => fail('no reply within 2 seconds'));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('close', () => fail('the connection was closed'));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const reply = completeReply(received);
      if (reply === undefined) return;
      const [first = ''] = reply;
      if (/^(CLIENT_|SERVER_)?ERROR/.test(first)) fail(first);
      else finish(() => resolve(reply));
    });
    socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  });
}

/** Lines that announce a value: its length in bytes is in them. */
const announcesValue = /^(?:VALUE \S+ \d+|VA) (\d+)/;

/** Lines that more lines follow: `get`, `stats`, `lru_crawler metadump`, `stats cachedump`. */
const goesOn = /^(VALUE|STAT|key=|ITEM) ?/;

function completeReply(received: string): readonly string[] | undefined {
  const reply: string[] = [];
  let position = 0;
  for (;;) {
    const end = received.indexOf('\n', position);
    if (end < 0) return undefined;
    // `lru_crawler metadump` ends its lines without a carriage return.
    const line = received.slice(position, end).replace(/\r$/, '');
    reply.push(line);
    position = end + 1;
    const length = announcesValue.exec(line)?.[1];
    if (length !== undefined) {
      const valueEnd = position + Number(length);
      if (received.length < valueEnd + 2) return undefined;
      reply.push(received.slice(position, valueEnd));
      position = valueEnd + 2;
    }
    if (!goesOn.test(line)) return reply;
  }
}
