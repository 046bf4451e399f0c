import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/index.js';
import { remoteStorageSettings } from '../../src/remote/index.js';
import { ManualClock } from '../../src/testing/index.js';

const call = 'new MyStorage';

describe('remoteStorageSettings', () => {
  it('puts defaults in place', () => {
    expect(remoteStorageSettings(call, {})).toStrictEqual({
      namespace: 'memo',
      deadline: 500,
      maxEntryBytes: 64 * 1024 * 1024,
      clock: systemClock,
    });
  });

  it('takes what is said', () => {
    const clock = new ManualClock();
    const options = { namespace: 'app', deadline: '2 seconds', maxEntryBytes: 5, clock };
    expect(remoteStorageSettings(call, options)).toStrictEqual({ ...options, deadline: 2_000 });
  });

  it('refuses what is wrong, by the rules of the storage where it has some', () => {
    expect(() => remoteStorageSettings(call, { namespace: '' })).toThrow(
      `new MyStorage: option 'namespace' should be a text of well-formed Unicode that is not empty, got "".`,
    );
    const namespace = { expected: 'short', accepts: (value: unknown) => String(value).length < 3 };
    expect(() => remoteStorageSettings(call, { namespace: 'long' }, { namespace })).toThrow(
      `new MyStorage: option 'namespace' should be short, got "long".`,
    );
    expect(() => remoteStorageSettings(call, { own: 1 } as object, { own: namespace })).not.toThrow();
  });
});
