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

/**
 * Runs a script on `key`, and resolves to its answer, texts as bytes. The whole script travels only when the server does
 * not know it yet, or has forgotten it.
 */
export async function run(
  client: RedisCommands,
  { sha, text }: Script,
  key: RedisKey,
  ...values: ScriptValue[]
): Promise<unknown> {
  const commands = client as RedisCommands & BufferCommands;
  try {
    return await commands.evalshaBuffer(sha, 1, key, ...values);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    return commands.evalBuffer(text, 1, key, ...values);
  }
}
