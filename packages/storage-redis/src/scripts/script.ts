import { createHash } from 'node:crypto';
import { isReply, type BufferCommands, type RedisCommands, type RedisKey } from '../redis-client.js';

/** A Lua script that the server carries out in one step, on one key. */
export interface Script {
  readonly text: string;
  /** The name by which the server knows it once it has run. */
  readonly sha: string;
}

/** What a script is told beside the key. */
export type ScriptValue = RedisKey | number;

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Which scripts each client has sent in full, and to which server. */
const sentBy = new WeakMap<RedisCommands, Set<string>>();

/**
 * Runs a script on `key`, and resolves to its answer, texts as bytes. The whole script travels once to each server, ahead
 * of all else, and again where the server has forgotten it.
 *
 * @param address - tells the servers of one client apart.
 */
export async function run(
  client: RedisCommands,
  address: string,
  { sha, text }: Script,
  key: RedisKey,
  ...values: ScriptValue[]
): Promise<unknown> {
  const commands = client as RedisCommands & BufferCommands;
  if (isFirst(client, `${sha} ${address}`)) return commands.evalBuffer(text, 1, key, ...values);
  try {
    return await commands.evalshaBuffer(sha, 1, key, ...values);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    return commands.evalBuffer(text, 1, key, ...values);
  }
}

function isFirst(client: RedisCommands, what: string): boolean {
  const sent = sentBy.get(client) ?? new Set();
  sentBy.set(client, sent);
  return sent.size < sent.add(what).size;
}
