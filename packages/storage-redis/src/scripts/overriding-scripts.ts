import { Buffer } from 'node:buffer';
import { envelopeLayout } from '@memo/serde';
import { entryScript } from './entry-script.js';
import { isMoment, isYesOrNo } from './script.js';

function isHeaderOrNothing(answer: unknown): boolean {
  return answer === null || (Buffer.isBuffer(answer) && answer.length === envelopeLayout.headerLength);
}

/**
 * Keeps an entry whatever is there, and voids the lease.
 *
 * ARGV: 1, 2 the present moment; 3 the last moment at which it may do so; 4 the channel of those who wait; 5 the envelope;
 * 6 how many milliseconds to keep it, 0 for ever. Answers 1, or the present moment as text if it is too late.
 */
export const overwriteScript = entryScript(
  `
local now, isKnown = presentMoment(ARGV[1], ARGV[2])
local notAfter = tonumber(ARGV[3])
local channel, envelope, lifetime = ARGV[4], ARGV[5], ARGV[6]

local late = tooLate(now, isKnown, notAfter)
if late then
  return late
end
local header = readHeader()
write(envelope, lifetime)
wake(header, channel)
return 1
`,
  (answer) => isYesOrNo(answer) || isMoment(answer),
);

/**
 * Takes away what is there, and with it the lease.
 *
 * ARGV: 1 the channel of those who wait. Answers the header of the envelope that was there, nothing if there was none.
 */
export const invalidateScript = entryScript(
  `
local channel = ARGV[1]

local header = readHeader()
redis.call('UNLINK', key)
wake(header, channel)
return header or false
`,
  isHeaderOrNothing,
);
