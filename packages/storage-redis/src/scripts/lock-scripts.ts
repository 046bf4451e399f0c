import { isYesOrNo, script } from './script.js';

/**
 * Locks what is not locked. ARGV: 1 the holder; 2 for how many milliseconds. Answers 1, or 0 if it is somebody else's.
 */
export const lockScript = script(
  `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then
  return 1
end
-- Whose answer was lost, and whose client has sent the script again, has what it has.
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
`,
  isYesOrNo,
);

/** Deletes a lock if it is still the holder's. ARGV: 1 the holder. Answers 1, or 0 if it is somebody else's by now. */
export const unlockScript = script(
  `
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('UNLINK', KEYS[1])
end
return 0
`,
  isYesOrNo,
);
