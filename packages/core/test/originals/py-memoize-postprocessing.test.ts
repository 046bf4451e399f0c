import { DeepcopyPostprocessing, memoize } from '@memo/core';
import { describe, expect, it, vi } from 'vitest';

describe('py-memoize test_postprocessing', () => {
  it('test_postprocessing_is_applied: once a call, to the value as it was loaded', async () => {
    const applied = vi.fn((_value: unknown): unknown => 'overridden by postprocessing');
    const postprocessing = { apply: <V>(value: V): V => applied(value) as V };
    const cached = memoize(async (arg: string) => `value for ${arg}`, { postprocessing });
    expect(await cached('test')).toBe('overridden by postprocessing');
    expect(applied.mock.calls).toEqual([['value for test']]);
    expect(await cached('test')).toBe('overridden by postprocessing');
    expect(applied.mock.calls).toEqual([['value for test'], ['value for test']]);
  });

  it('test_postprocessing_based_on_deepcopy_prevents_modifying_value_cached_in_memory: by any caller, the first too', async () => {
    const cached = memoize(async (arg: string) => ({ arg, list: [4, 5, 1, 2, 3] }), {
      postprocessing: new DeepcopyPostprocessing(),
    });
    const first = await cached('test');
    const second = await cached('test');
    first.list.sort();
    expect(first).toEqual({ arg: 'test', list: [1, 2, 3, 4, 5] });
    expect(second).toEqual({ arg: 'test', list: [4, 5, 1, 2, 3] });
    expect(await cached('test')).toEqual({ arg: 'test', list: [4, 5, 1, 2, 3] });
  });
});
