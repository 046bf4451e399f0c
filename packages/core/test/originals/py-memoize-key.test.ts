import { EncodedMethodNameAndArgsKeyExtractor, EncodedMethodReferenceAndArgsKeyExtractor, memoize } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { counter } from '../support/source.js';
import { recordedPolicies } from './recorded-policies.js';

function helper(_x: string, _y: string, _options: { readonly z: string }): void {}

describe('py-memoize test_key', () => {
  it('should_call_key_extractor_on_method_used: with the original function and all arguments', async () => {
    const { configuration, of } = recordedPolicies();
    const { call } = counter();
    await memoize(call, { configuration })('test', { kwarg: 'args' });
    expect(of('formatKey')).toEqual([[call, ['test', { kwarg: 'args' }]]]);
  });

  it('should_pass_extracted_key_to_storage_on_entry_added_to_cache', async () => {
    const { configuration, of } = recordedPolicies();
    await memoize(counter().call, { configuration })('test', { kwarg: 'args' });
    expect(of('get')).toEqual([['key']]);
    expect(of('offer')).toEqual([['key', 'value 1']]);
  });

  it('should_pass_extracted_key_to_eviction_strategy_on_entry_added_to_cache', async () => {
    const { configuration, of } = recordedPolicies();
    const cached = memoize(counter().call, { configuration });
    await cached('test', { kwarg: 'args' });
    await cached('test', { kwarg: 'args' });
    expect(of('markWritten')).toEqual([['key', 'value 1']]);
    expect(of('markRead')).toEqual([['key']]);
  });

  it('EncodedMethodReferenceAndArgsKeyExtractor should_format_key: the function by its identity, then the arguments', () => {
    const extractor = new EncodedMethodReferenceAndArgsKeyExtractor();
    const key = extractor.formatKey(helper, ['a', 'b', { z: 'c' }]);
    expect(key.startsWith(extractor.scope(helper))).toBe(true);
    expect(key).toBe(new EncodedMethodReferenceAndArgsKeyExtractor().formatKey(helper, ['a', 'b', { z: 'c' }]));
    const namesake = { helper: () => {} }.helper;
    expect(extractor.formatKey(namesake, ['a', 'b', { z: 'c' }])).not.toBe(key);
  });

  it('EncodedMethodNameAndArgsKeyExtractor should_format_key_with_all_args_on_skip_flag_not_set', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor({ skipFirstArgumentAsSelf: false });
    expect(extractor.formatKey(helper, ['a', 'b', { z: 'c' }])).toBe('helper:("a","b",{"z":"c"})');
  });

  it('EncodedMethodNameAndArgsKeyExtractor should_format_key_with_all_args_on_skip_flag_set: without the first', () => {
    const extractor = new EncodedMethodNameAndArgsKeyExtractor({ skipFirstArgumentAsSelf: true });
    const self = { what: 'no part of the key' };
    expect(extractor.formatKey(helper, [self, 'a', 'b', { z: 'c' }])).toBe('helper:("a","b",{"z":"c"})');
    expect(extractor.formatKey(helper, [])).toBe('helper:()');
  });
});
