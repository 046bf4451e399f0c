import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const registered = { asyncDispose: Symbol.for('Symbol.asyncDispose'), dispose: Symbol.for('Symbol.dispose') };
const RealSymbol = Symbol;

/** `Symbol` of a platform that has never heard of `using`. */
const olderSymbol = new Proxy(() => {}, {
  apply: (_, __, [description]: [string?]) => RealSymbol(description),
  get: (_, name) =>
    name === 'asyncDispose' || name === 'dispose' ? undefined : (Reflect.get(RealSymbol, name) as unknown),
});

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('Symbol', olderSymbol);
});

afterEach(() => void vi.unstubAllGlobals());

it('values are closed by the symbols that compilers of using take in their place', async () => {
  const { policyFor } = await import('./connections.js');
  const { take, settle, log } = policyFor('*');
  take([
    { [registered.dispose]: () => void log.push('synchronously') },
    { [registered.dispose]: () => void log.push('wrong'), [registered.asyncDispose]: () => void log.push('later') },
  ]).resource.left('released');
  await settle();
  expect(log).toEqual(['later', 'synchronously']);
});

it('leases are let go by them', async () => {
  const { heldValue } = await import('../../src/resources/held-value.js');
  let letGo = 0;
  const held = heldValue('value', () => void letGo++) as unknown as Record<symbol, () => unknown>;
  held[registered.dispose]?.();
  await held[registered.asyncDispose]?.();
  expect(letGo).toBe(2);
  expect(Reflect.ownKeys(held)).toEqual(['value', registered.asyncDispose, registered.dispose]);
});

it('what has nothing of the kind cannot be closed', async () => {
  const { policyFor, failureOf } = await import('./connections.js');
  const { policy } = policyFor(true);
  expect(await failureOf(policy.take('key', { undefined: () => 1 }))).toMatchObject({ code: 'NOT_DISPOSABLE' });
});
