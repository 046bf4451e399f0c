import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathOf } from './programs.js';
import { startServer, type Server, type ServerOptions } from './server.js';

/** What a Memcached takes. */
export interface MemcachedOptions extends ServerOptions {
  /**
   * The one user who may connect, over the binary protocol only; everybody may, over both protocols, if left out. Needs
   * the program `saslpasswd2`.
   */
  readonly sasl?: { readonly user: string; readonly password: string };
  /** A Unix socket to listen on instead of the port; `port` and `url` of the server then lead nowhere. */
  readonly path?: string;
}

/** Starts one `memcached`. */
export function startMemcached({ sasl, path, ...options }: MemcachedOptions = {}): Promise<Server> {
  return startServer({
    program: 'memcached',
    scheme: 'memcached',
    options,
    args: (port) => [
      ...(path === undefined ? ['-l', '127.0.0.1', '-p', String(port), '-U', '0'] : ['-s', path]),
      ...userArguments(),
      ...(sasl === undefined ? [] : ['-S', '-B', 'binary']),
    ],
    environment: (folder) => (sasl === undefined ? {} : saslEnvironment(folder, sasl)),
    answers: (port) => memcachedAnswers(path === undefined ? { host: '127.0.0.1', port } : { path }),
  });
}

/** Memcached refuses to run as root unless told so. */
function userArguments(): readonly string[] {
  return process.getuid?.() === 0 ? ['-u', 'root'] : [];
}

/** Makes a database of users with one user in it; the environment says where it is. */
async function saslEnvironment(
  folder: string,
  { user, password }: NonNullable<MemcachedOptions['sasl']>,
): Promise<NodeJS.ProcessEnv> {
  const database = join(folder, 'sasldb2');
  const configuration = ['mech_list: plain', 'pwcheck_method: auxprop', `sasldb_path: ${database}`, ''];
  writeFileSync(join(folder, 'memcached.conf'), configuration.join('\n'));
  await addUser(database, user, password);
  return { SASL_CONF_PATH: folder };
}

async function addUser(database: string, user: string, password: string): Promise<void> {
  const path = pathOf('saslpasswd2');
  if (path === undefined) throw new Error(`"saslpasswd2" is not installed: ask available('saslpasswd2') first`);
  const child = spawn(path, ['-p', '-c', '-a', 'memcached', '-u', hostname(), '-f', database, user], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdin.end(password);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`saslpasswd2 could not add "${user}":\n${complaints}`);
}

function memcachedAnswers(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    // A server that only speaks the binary protocol looks at 24 bytes before it hangs up on text.
    const socket = connect(address, () => socket.write('version\r\n'.repeat(3)));
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => finish(true));
    socket.once('end', () => finish(true));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
