import { envelopeLayout as at } from '@memo/serde';
import { entryScript } from './entry-script.js';

/**
 * Gives an entry other moments if it is still the one that is meant, and live. The value is neither read nor sent.
 *
 * ARGV: 1 when the entry was created, as it stands in the envelope; 2 the present moment; 3 the block of moments;
 * 4 how many milliseconds to keep the entry, 0 for ever. Answers 1, or 0 if nothing was changed.
 */
export const changeMomentsScript = entryScript(`
local created, now, moments, lifetime = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local header = readHeader()
if not header or not hasValue(header) then
  return 0 -- Nothing is there, or nothing that can be read.
end
if createdIn(header) ~= created then
  return 0 -- It has been replaced.
end
if now >= expiresAfterIn(header) then
  return 0 -- It has expired.
end

redis.call('SETRANGE', key, ${at.moments}, moments)
if lifetime == '0' then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIRE', key, lifetime)
end
return 1
`);
