import { expect, it } from 'vitest';
import { heldValue } from '../../src/resources/held-value.js';
import { Connection, policyFor } from './connections.js';

it('lets go at the end of its scope, by await using', async () => {
  const { take, settle, log } = policyFor(true);
  const { value, resource } = take(new Connection('client', log));
  {
    await using held = heldValue(value, resource.hold()!);
    resource.left('replaced');
    await settle();
    expect(held.value).toBe(value);
    expect(log).toEqual([]);
  }
  await settle();
  expect(log).toEqual(['close client']);
});

it('lets go at the end of its scope, by using', () => {
  let letGo = 0;
  {
    using held = heldValue('client', () => void letGo++);
    expect([held.value, letGo]).toEqual(['client', 0]);
  }
  expect(letGo).toBe(1);
});

it('may be let go twice, in either way', async () => {
  const { take, settle, log } = policyFor(true);
  const { value, resource } = take(new Connection('client', log));
  const [one, other] = [heldValue(value, resource.hold()!), heldValue(value, resource.hold()!)];
  resource.left('replaced');
  await one[Symbol.asyncDispose]();
  one[Symbol.dispose]();
  await settle();
  expect(log).toEqual([]);
  other[Symbol.dispose]();
  await other[Symbol.asyncDispose]();
  await settle();
  expect(log).toEqual(['close client']);
});
