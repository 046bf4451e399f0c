import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import { defaultJitter } from '../entry/jittered-cache-entry-builder.js';
import { InvalidOptionError } from '../errors.js';
import { expiringEntryBuilder, expiringLifetimesOf } from '../expiration/expiring-lifetimes.js';
import { ArgumentsKeyExtractor } from '../key/arguments-key-extractor.js';
import { EncodedMethodNameAndArgsKeyExtractor } from '../key/encoded-method-name-and-args-key-extractor.js';
import type { CacheableFunction, KeyExtractor } from '../key/key-extractor.js';
import { KeyTemplate } from '../key/key-template.js';
import { ProvidedKeyExtractor } from '../key/provided-key-extractor.js';
import { TemplateKeyExtractor } from '../key/template-key-extractor.js';
import { NoPostprocessing } from '../postprocessing/no-postprocessing.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { LocalInMemoryCacheStorage } from '../storage/local-in-memory-cache-storage.js';
import { evictionStrategyFrom } from './bound-options.js';
import type { CacheConfiguration } from './cache-configuration.js';
import type { ResolvedOptions } from './layer-options.js';
import type { MemoizeOptions, PolicyOptions } from './memoize-options.js';
import { methodTimeoutFrom } from './policy-rules.js';

/** The policies as they come out of layers, or are given at once. */
type SettledPolicyOptions = Omit<PolicyOptions, 'expireAfter'> & Pick<ResolvedOptions, 'expireAfter'>;

/**
 * Turns options into the configuration they stand for: the one place where sugar becomes policies.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError
 */
export function configurationFromOptions(
  call: string,
  fn: CacheableFunction,
  options: SettledPolicyOptions & Pick<MemoizeOptions, 'clock'>,
): CacheConfiguration {
  const { clock } = options;
  const storage = options.storage ?? new LocalInMemoryCacheStorage(clock && { clock });
  return {
    configured: true,
    storage,
    keyExtractor: keyExtractorFrom(call, fn, options),
    evictionStrategy: evictionStrategyFrom(call, storage, options),
    entryBuilder: entryBuilderFrom(call, storage, options),
    postprocessing: options.postprocessing ?? new NoPostprocessing(),
    methodTimeout: methodTimeoutFrom(call, 'timeout', options.timeout),
  };
}

/**
 * What names the calls of a function.
 *
 * @throws InvalidOptionError
 */
export function keyExtractorFrom(call: string, fn: CacheableFunction, options: SettledPolicyOptions): KeyExtractor {
  const { key, storage, namespace } = options;
  const template = templateFrom(call, options);
  if (typeof key === 'object') return key;
  const name = options.name ?? fn.name;
  // A storage that nobody else has needs no prefix to tell functions apart: the shortest key is the fastest.
  const prefix =
    storage === undefined && namespace === undefined ? undefined : { name: nameFor(call, name), namespace };
  if (template !== undefined) return new TemplateKeyExtractor(template, prefix);
  if (typeof key === 'function') return new ProvidedKeyExtractor(key, prefix);
  return prefix === undefined ? new ArgumentsKeyExtractor() : new EncodedMethodNameAndArgsKeyExtractor(prefix);
}

function templateFrom(call: string, { key, params }: Pick<PolicyOptions, 'key' | 'params'>): KeyTemplate | undefined {
  if (typeof key === 'string') return new KeyTemplate(key, { call, params });
  if (params === undefined) return undefined;
  throw new InvalidOptionError({
    call,
    option: 'params',
    expected: `left out where 'key' is no template`,
    received: params,
    advice: `It names the arguments for a template such as '{user.id}'.`,
  });
}

function nameFor(call: string, name: string): string {
  if (name !== '') return name;
  throw new InvalidOptionError({
    call,
    option: 'name',
    expected: 'given, because an anonymous function on a storage of its user needs one',
    received: undefined,
    advice: `Processes and restarts know a function in the storage by its name.`,
  });
}

function entryBuilderFrom(call: string, storage: CacheStorage, options: SettledPolicyOptions): CacheEntryBuilder {
  const { jitter = storage.shared === false ? 0 : defaultJitter } = options;
  return expiringEntryBuilder(expiringLifetimesOf(options, call), jitter);
}
