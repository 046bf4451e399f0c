import { askRedis } from './ask-redis.js';
import { startServer, type Server, type ServerOptions } from './server.js';

/** Starts one `redis-server` that keeps nothing on disk. */
export function startRedis(options: ServerOptions = {}): Promise<Server> {
  return startServer({
    program: 'redis-server',
    scheme: 'redis',
    options,
    args: redisArguments,
    answers: redisAnswers,
  });
}

export function redisArguments(port: number, folder: string): readonly string[] {
  return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
}

export async function redisAnswers(port: number): Promise<boolean> {
  try {
    return (await askRedis(port, 'PING')) === 'PONG';
  } catch (error) {
    // A server that asks for a password is there.
    return error instanceof Error && error.message.startsWith('NOAUTH');
  }
}
