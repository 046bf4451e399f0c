import { envelopeLayout as at } from '@memo/serde';
import { entryScript } from './entry-script.js';
import { isMoment, isYesOrNo } from './script.js';

/**
 * Gives an entry other moments if it is still the one that is meant, and live. The value is neither read nor sent.
 *
 * ARGV: 1, 2 the present moment; 3 the last moment at which it may do so; 4 when the entry was created, as it stands in the
 * envelope; 5 at which moment it must be live; 6 the block of moments; 7 how many milliseconds to keep the entry, 0 for
 * ever. Answers 1, 0 if nothing was changed, or the present moment as text if it is too late.
 */
export const changeMomentsScript = entryScript(
  `
local now, isKnown = presentMoment(ARGV[1], ARGV[2])
local notAfter = tonumber(ARGV[3])
local created, liveAt, moments, lifetime = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7]

local late = tooLate(now, isKnown, notAfter)
if late then
  return late
end
local header = readHeader()
if not header or not hasValue(header) then
  return 0 -- Nothing is there, or nothing that can be read.
end
if createdIn(header) ~= created then
  return 0 -- It has been replaced.
end
if liveAt >= expiresAfterIn(header) then
  return 0 -- It has expired.
end

redis.call('SETRANGE', key, ${at.moments}, moments)
if lifetime == '0' then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIRE', key, lifetime)
  keepForLease(header, now)
end
return 1
`,
  (answer) => isYesOrNo(answer) || isMoment(answer),
);
