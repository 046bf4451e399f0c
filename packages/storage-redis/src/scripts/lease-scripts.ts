import { envelopeLayout as at } from '@memo/serde';
import { entryScript } from './entry-script.js';
import { isYesOrNo } from './script.js';

const leaseStates = ['granted', 'present', 'held', 'resting'];

function isLeaseAnswer(answer: unknown): boolean {
  return Array.isArray(answer) && leaseStates.includes(String(answer[0]));
}

/**
 * Grants the lease of a key, or tells why there is none.
 *
 * ARGV: 1, 2 the present moment; 3 the holder; 4 when the entry was created that the holder has seen, as it stands in an
 * envelope, '' for none, or 'any' if it wants to load whatever is there; 5 for how many milliseconds; 6 an envelope
 * without a value. Answers one of
 * 'granted', the number of failures before and the end as it stands in the envelope, 'present' and the envelope, 'held' and the milliseconds that are left,
 * 'resting' and the milliseconds that are left and the number of failures.
 */
export const leaseScript = entryScript(
  `
local now = presentMoment(ARGV[1], ARGV[2])
local holder, seen, time, placeholder = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]

local header = readHeader()
local present, failures, remaining = nobody, 0, 0
if header then
  present = holderIn(header)
  failures, remaining = failuresAndRemaining(header, now)
end

if present ~= holder then -- Who asks again, because an answer was lost, is granted what it has.
  if header and hasValue(header) and seen ~= 'any' and createdIn(header) ~= seen then
    return {'present', redis.call('GET', key)}
  end
  if remaining > 0 and present ~= nobody then
    if not isAwaited(header) then
      -- On a server without memory this fails, and those who wait ask again by themselves.
      redis.pcall('SETRANGE', key, ${at.leaseAwaited}, '\\1')
    end
    return {'held', math.ceil(remaining)}
  end
  if remaining > 0 and seen ~= 'any' then
    return {'resting', math.ceil(remaining), failures}
  end
end

-- Whoever waited for a holder that never came back still waits.
local block = leaseBlock(holder, time, failures, isAwaited(header), now)
if header then
  writeLease(block)
  keepFor(time + grace)
else
  local envelope = string.sub(placeholder, 1, ${at.lease}) .. block .. string.sub(placeholder, ${at.moments + 1})
  write(envelope, time + grace)
end
return {'granted', failures, leaseEndIn(block)}
`,
  isLeaseAnswer,
);

/**
 * Lets a lease last longer.
 *
 * ARGV: 1, 2 the present moment; 3 the holder; 4 for how many milliseconds from now. Answers 1, or 0 if it is void.
 */
export const renewScript = entryScript(
  `
local now = presentMoment(ARGV[1], ARGV[2])
local holder, time = ARGV[3], tonumber(ARGV[4])

local header = readHeader()
if not isHeldBy(holder, header) then
  return 0
end
local failures = failuresAndRemaining(header, now)
writeLease(leaseBlock(holder, time, failures, isAwaited(header), now))
keepFor(time + grace)
return 1
`,
  isYesOrNo,
);

/**
 * Ends a lease without an entry.
 *
 * ARGV: 1, 2 the present moment; 3 the holder; 4 the channel of those who wait; 5 for how many milliseconds nobody is to
 * load, 0 if anybody may; 6 how many loads have failed in a row; 7 the end of the lease that is meant, as it stands in the
 * envelope, '' for any. Answers 1, or 0 if it was void.
 */
export const giveBackScript = entryScript(
  `
local now = presentMoment(ARGV[1], ARGV[2])
local holder, channel, rest, failures, finish = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

local header = readHeader()
if not isHeldBy(holder, header) then
  return 0
end
if finish ~= '' and leaseEndIn(leaseBlockIn(header)) ~= finish then
  return 0 -- It was granted again, or renewed.
end
if rest > 0 then
  writeLease(leaseBlock(nobody, rest, failures, false, now))
  local lifetime = rest + memoryAfter(rest)
  if hasValue(header) then
    keepFor(lifetime)
  else
    redis.call('PEXPIRE', key, lifetime)
  end
elseif hasValue(header) then
  writeLease(string.rep('\\0', ${at.leaseLength}))
else
  redis.call('UNLINK', key)
end
wake(header, channel)
return 1
`,
  isYesOrNo,
);

/**
 * Keeps an entry if the lease under which it was loaded is still held, and ends the lease.
 *
 * ARGV: 1 the holder; 2 the channel of those who wait; 3 the envelope; 4 how many milliseconds to keep it, 0 for ever.
 * Answers 1, or 0 if the lease is void.
 */
export const publishScript = entryScript(
  `
local holder, channel, envelope, lifetime = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local header = readHeader()
if not isHeldBy(holder, header) then
  return 0
end
write(envelope, lifetime)
wake(header, channel)
return 1
`,
  isYesOrNo,
);
