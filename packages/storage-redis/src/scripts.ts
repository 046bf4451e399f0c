import { createHash } from 'node:crypto';
import { envelopeFlags, envelopeFormatVersion, envelopeLayout as at, envelopeMagic } from '@memo/serde';
import { isReply, type RedisCommands, type RedisKey } from './redis-client.js';

/** A Lua script that the server carries out in one step, on one key. */
export interface Script {
  readonly text: string;
  /** The name by which the server knows it once it has run. */
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Where Lua finds the part of a string that begins at `offset`: it counts from 1 and includes the end. */
function range(offset: number, length: number): string {
  return `${offset + 1}, ${offset + length}`;
}

const beginning = [...envelopeMagic, envelopeFormatVersion].map((byte) => `\\${byte}`).join('');

/**
 * Gives an entry other moments if it is still the one that is meant, and live. The value is neither read nor sent.
 *
 * ARGV: 1 when the entry was created, as it stands in the envelope; 2 the present moment; 3 the block of moments;
 * 4 how many milliseconds to keep the entry, 0 for ever. Answers 1, or 0 if nothing was changed.
 */
export const changeMomentsScript = script(`
local created, now, moments, lifetime = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local header = redis.call('GETRANGE', KEYS[1], 0, ${at.headerLength - 1})
if #header < ${at.headerLength} or string.sub(header, 1, 3) ~= '${beginning}' then
  return 0 -- Nothing is there, or nothing that can be read.
end
if bit.band(string.byte(header, ${at.flags + 1}), ${envelopeFlags.value}) == 0 then
  return 0 -- There is no value yet.
end
if string.sub(header, ${range(at.created, 8)}) ~= created then
  return 0 -- It has been replaced.
end
if now >= struct.unpack('>d', header, ${at.expiresAfter + 1}) then
  return 0 -- It has expired.
end

redis.call('SETRANGE', KEYS[1], ${at.moments}, moments)
if lifetime == '0' then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], lifetime)
end
return 1
`);

/** Runs a script on `key`. The whole text travels only when the server does not know it yet, or has forgotten it. */
export async function run(
  client: RedisCommands,
  { sha, text }: Script,
  key: RedisKey,
  ...values: (RedisKey | number)[]
): Promise<unknown> {
  try {
    return await client.evalsha(sha, 1, key, ...values);
  } catch (error) {
    if (!isReply(error, 'NOSCRIPT')) throw error;
    return client.eval(text, 1, key, ...values);
  }
}
