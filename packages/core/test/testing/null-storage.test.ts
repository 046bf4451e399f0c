import { describe, expect, it } from 'vitest';
import { NullStorage } from '../../src/testing/index.js';

describe('NullStorage', () => {
  it('declines what it is offered and finds nothing', async () => {
    const storage = new NullStorage();
    expect(await storage.offer('key', { value: 1, created: 0, updateAfter: 0, expiresAfter: Infinity })).toBe(
      'declined',
    );
    expect(await storage.get('key')).toBe(undefined);
    expect(await storage.getMany(['key', 'other'])).toEqual([undefined, undefined]);
    expect(await storage.invalidate('key')).toBe(undefined);
    await expect(storage.release('key')).resolves.toBe(undefined);
    await expect(storage.clear('')).resolves.toBe(undefined);
  });

  it('may be offered what keeps something open: it never takes charge of it', async () => {
    const storage = new NullStorage();
    const heard: string[] = [];
    const resource = { left: (why: string) => void heard.push(why), hold: () => () => {} };
    expect(storage.keepsResources).toBe(true);
    await storage.offer('key', { value: 1, created: 0, updateAfter: 0, expiresAfter: Infinity, resource });
    await storage.release('key');
    expect(heard).toEqual([]);
  });
});
