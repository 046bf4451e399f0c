import { envelopeFlags, envelopeFormatVersion, envelopeLayout as at, envelopeMagic } from '@memo/serde';
import { script, type Script } from './script.js';

const beginning = [...envelopeMagic, envelopeFormatVersion].map((byte) => `\\${byte}`).join('');

/** Where Lua finds the part of a string that begins at `offset`: it counts from 1 and includes the end. */
function range(offset: number, length: number): string {
  return `${offset + 1}, ${offset + length}`;
}

/** What a server answers where it cannot tell whether a write comes too late. */
const needsTime =
  'NOPERM The user of the server needs TIME (+time): without it nobody can tell whether this write comes too late.';

/** What scripts know of an envelope. They read its header alone, and never its value. */
const functions = `
local key = KEYS[1]
local nobody = string.rep('\\0', ${at.leaseHolderLength})
-- For how many milliseconds a key exists after its lease has ended. So long a holder that was held up may still publish,
-- unless it was replaced.
local grace = 30000

-- For how many milliseconds failures are remembered after a rest of so many. The first rests are shorter than the pauses
-- between those who ask: were the failures forgotten as soon, a source that is down would be asked each time.
local function memoryAfter(rest)
  return math.max(rest, grace)
end

-- The header of the envelope there; nil if there is none, or none that this version of memo can read.
local function readHeader()
  local header = redis.pcall('GETRANGE', key, 0, ${at.headerLength - 1})
  if type(header) ~= 'string' then
    if string.find(header.err, 'WRONGTYPE', 1, true) then
      return nil
    end
    -- Fails again, and the script with it: what the user may not read is not nothing.
    header = redis.call('GETRANGE', key, 0, ${at.headerLength - 1})
  end
  if #header < ${at.headerLength} then
    return nil
  end
  return string.sub(header, 1, 3) == '${beginning}' and header or nil
end

local function hasValue(header)
  return bit.band(string.byte(header, ${at.flags + 1}), ${envelopeFlags.value}) ~= 0
end

local function createdIn(header)
  return string.sub(header, ${range(at.created, 8)})
end

local function expiresAfterIn(header)
  return struct.unpack('>d', header, ${at.expiresAfter + 1})
end

local function holderIn(header)
  return string.sub(header, ${range(at.leaseHolder, at.leaseHolderLength)})
end

local function isHeldBy(holder, header)
  return header ~= nil and holderIn(header) == holder
end

local function isAwaited(header)
  return header ~= nil and string.byte(header, ${at.leaseAwaited + 1}) ~= 0
end

-- How many loads have failed in a row, and for how many milliseconds the lease, or the rest, goes on.
local function failuresAndRemaining(header, now)
  local time, failures, _, finish = struct.unpack('>I4BBd', header, ${at.leaseTime + 1})
  local remaining = finish - now
  if remaining > 2 * time then
    remaining = 0 -- The server's clock was set back, or a bit has flipped: nobody shall wait for that.
  elseif remaining <= -memoryAfter(time) and holderIn(header) == nobody then
    failures = 0 -- The rest was over long ago.
  end
  return failures, remaining
end

local function leaseBlock(holder, time, failures, awaited, now)
  return holder .. struct.pack('>I4BBd', time, math.min(failures, 255), awaited and 1 or 0, now + time)
end

local function leaseBlockIn(header)
  return string.sub(header, ${range(at.lease, at.leaseLength)})
end

local function leaseEndIn(block)
  return string.sub(block, ${range(at.leaseEnd - at.lease, 8)})
end

local function writeLease(block)
  redis.call('SETRANGE', key, ${at.lease}, block)
end

-- The present moment, in milliseconds: by the server's clock, or the one that a test has injected. A user who may not
-- ask for the time is told the moment at which the process has sent the script, and that this is all that is known.
local function presentMoment(clock, moment)
  local told = clock == 'server' and redis.pcall('TIME')
  if not told or told.err then
    return tonumber(moment), clock ~= 'server'
  end
  return told[1] * 1000 + told[2] / 1000, true
end

-- What a script answers that came too late, after the last moment at which somebody waited for it, or of which nobody
-- can tell.
local function tooLate(now, isKnown, notAfter)
  if not isKnown and notAfter < math.huge then
    return {err = '${needsTime}'}
  end
  return now > notAfter and string.format('%.3f', now)
end

local function write(envelope, lifetime)
  if lifetime == '0' then
    redis.call('SET', key, envelope)
  else
    redis.call('SET', key, envelope, 'PX', lifetime)
  end
end

-- Lets the key exist for so many milliseconds at least.
local function keepFor(lifetime)
  local left = redis.call('PTTL', key)
  if left >= 0 and left < lifetime then
    redis.call('PEXPIRE', key, lifetime)
  end
end

-- Lets the key exist for as long as its lease needs it, or as its rest is remembered.
local function keepForLease(header, now)
  local time = struct.unpack('>I4', header, ${at.leaseTime + 1})
  local _, remaining = failuresAndRemaining(header, now)
  keepFor(math.ceil(remaining) + (holderIn(header) == nobody and memoryAfter(time) or grace))
end

-- Tells those who wait for the lease that it has ended. It must not fail for a user who may not publish: those who wait
-- ask again by themselves.
local function wake(header, channel)
  if isAwaited(header) then
    redis.pcall('PUBLISH', channel, key)
  end
end
`;

/** A script that knows what an envelope is, and calls its key `key`. */
export function entryScript(text: string, canAnswer: Script['canAnswer']): Script {
  return script(functions + text, canAnswer);
}
