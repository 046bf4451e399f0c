import { connect } from 'node:net';
import { startServer, type Server, type ServerOptions } from './server.js';

/** Starts one `memcached`. */
export function startMemcached(options: ServerOptions = {}): Promise<Server> {
  return startServer({
    program: 'memcached',
    scheme: 'memcached',
    options,
    args: (port) => ['-l', '127.0.0.1', '-p', String(port), '-U', '0', ...userArguments()],
    answers: memcachedAnswers,
  });
}

/** Memcached refuses to run as root unless told so. */
function userArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['-u', 'root'] : [];
}

function memcachedAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('version\r\n'));
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => finish(true));
    // A server that only speaks the binary protocol hangs up on text: it is there.
    socket.once('end', () => finish(true));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
