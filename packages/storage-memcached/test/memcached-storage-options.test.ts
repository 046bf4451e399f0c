import { describe, expect, it } from 'vitest';
import { MemcachedCacheStorage } from '../src/index.js';
import { memcachedStorageSettings } from '../src/memcached-storage-options.js';

describe('options of the storage', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ serde: {} }, `option 'serde' should be a SerDe with serialize, deserialize, got an object of class Object.`],
    [
      { namespace: '' },
      `option 'namespace' should be a text of well-formed Unicode that is not empty and takes at most 100 bytes, got "".`,
    ],
    [
      { namespace: 'ä'.repeat(51) },
      `option 'namespace' should be a text of well-formed Unicode that is not empty and takes at most 100 bytes, ` +
        `got "${'ä'.repeat(51)}".`,
    ],
    [{ deadline: 0 }, `option 'deadline' should be longer than 0 and finite, got 0.`],
    [{ deadline: Infinity }, `option 'deadline' should be longer than 0 and finite, got Infinity.`],
    [{ maxEntryBytes: 0 }, `option 'maxEntryBytes' should be a number of bytes, 1 or more, got 0.`],
    [{ clock: {} }, `option 'clock' should be a Clock with now, setTimer, got an object of class Object.`],
    [
      { name_space: 'a' },
      `option 'name_space' should be left out, since there is no such option, got "a". Did you mean 'namespace'?`,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => new MemcachedCacheStorage('localhost', options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: `new MemcachedCacheStorage: ${message}` }),
    );
  });

  it('take a deadline in any form of a duration', () => {
    expect(memcachedStorageSettings({}).deadline).toBe(500);
    expect(memcachedStorageSettings({ deadline: '2 seconds' }).deadline).toBe(2_000);
  });
});
