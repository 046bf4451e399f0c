import { booleanIn } from '../answers.js';
import type { CacheSettings, FailureSettings } from './call.js';
import type { Reports } from './reports.js';

/**
 * Whether the cache is used for a call, to be asked once before anything else. That nobody can say so is no reason to leave
 * it alone.
 */
export function isEnabled({ enabled }: Pick<CacheSettings, 'enabled'>, key: string, reports: Reports): boolean {
  if (enabled === undefined) return true;
  try {
    return booleanIn('enabled', enabled());
  } catch (error) {
    reports.policyFailed(key, 'enabled', error);
    return true;
  }
}

/** Whether what a load has thrown is to be remembered. Where nobody can say so it is not. */
export function isWorthRemembering(
  { negative }: FailureSettings,
  key: string,
  thrown: unknown,
  reports: Reports,
): boolean {
  try {
    return negative !== undefined && booleanIn('negative.when', negative.when(thrown));
  } catch (error) {
    reports.policyFailed(key, 'negative', error);
    return false;
  }
}
