import { script } from './script.js';

/** Deletes a lock if it is still the holder's. ARGV: 1 the holder. Answers 1, or 0 if it is somebody else's by now. */
export const unlockScript = script(`
if redis.pcall('GET', KEYS[1]) == ARGV[1] then
  return redis.call('UNLINK', KEYS[1])
end
return 0
`);
