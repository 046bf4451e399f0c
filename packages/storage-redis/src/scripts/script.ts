import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isReply, type BufferCommands, type RedisCommands, type RedisKey } from '../redis-client.js';
import { expectAnswer } from '../unexpected-answer.js';

/** A Lua script that the server carries out in one step, on one key. */
export interface Script {
  readonly text: string;
  /** The name by which the server knows it once it has run. */
  readonly sha: string;
  /** Whether it answers so. Within `MULTI` a server answers 'QUEUED', and carries nothing out for the time being. */
  readonly canAnswer: (answer: unknown) => boolean;
}

/** What a script is told beside the key. */
export type ScriptValue = RedisKey | number;

export function script(text: string, canAnswer: Script['canAnswer']): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex'), canAnswer };
}

/** Whether a script answers that it has done what it is for, or that it has not: 1 or 0. */
export function isYesOrNo(answer: unknown): boolean {
  return answer === 0 || answer === 1 || answer === '0' || answer === '1';
}

/** Whether a script answers the present moment, as it came too late. */
export function isMoment(answer: unknown): boolean {
  return Buffer.isBuffer(answer) && /^\d+\.\d{3}$/.test(answer.toString());
}

/** Which scripts each client has sent in full, and to which server. */
const sentBy = new WeakMap<RedisCommands, Set<string>>();

/**
 * Runs a script on `key`, and resolves to its answer, texts as bytes. The whole script travels once to each server, ahead
 * of all else, and again where the server has forgotten it.
 *
 * @param address - tells the servers of one client apart.
 * @throws UnexpectedAnswerError when it is no answer of the script.
 */
export async function run(
  client: RedisCommands,
  address: string,
  script: Script,
  key: RedisKey,
  ...values: ScriptValue[]
): Promise<unknown> {
  return expectAnswer(await answerOf(client, address, script, key, ...values), script.canAnswer);
}

async function answerOf(
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
