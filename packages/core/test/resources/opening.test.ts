import { describe, expect, it } from 'vitest';
import type { DisposeOption } from '../../src/resources/dispose-option.js';
import { deferred } from '../support/deferred.js';
import { failureOf, policyFor } from './connections.js';

describe('what is to be opened', () => {
  it('is kept as opening gives it, and closed as that (Q80)', async () => {
    const log: string[] = [];
    const { take, settle } = policyFor({
      open: (value: string) => `${value} open`,
      close: (value: string, why) => void log.push(`${value}: ${why}`),
    });
    const { value, resource } = take('client');
    expect(value).toBe('client open');
    resource.left('cleared');
    await settle();
    expect(log).toEqual(['client open: cleared']);
  });

  it('may be opened asynchronously, and is kept itself where opening gives nothing', async () => {
    const opened: unknown[] = [];
    const { policy } = policyFor({
      open: async (value: object) => void opened.push(value),
      close: () => {},
    });
    const client = {};
    expect((await policy.take('key', client)).value).toBe(client);
    expect(opened).toEqual([client]);
  });

  it('is opened and closed by methods of the option', async () => {
    const log: string[] = [];
    const opener = {
      prefix: 'its own',
      open(value: string): string {
        return `${this.prefix} ${value}`;
      },
      close(value: string): void {
        log.push(`${this.prefix} ${value}`);
      },
    };
    const { take, settle } = policyFor(opener);
    take('client').resource.left('released');
    await settle();
    expect(log).toEqual(['its own its own client']);
  });

  it('is opened once as long as it is open, and again once it is closed', async () => {
    const log: string[] = [];
    const opening = deferred<string>();
    let openings = 0;
    const dispose: DisposeOption = {
      open: () => (openings++ === 0 ? opening.promise : `handle ${openings}`),
      close: (value) => void log.push(`close ${String(value)}`),
    };
    const [one, other] = [policyFor(dispose), policyFor(dispose)];
    const client = {};
    const taking = [one.policy.take('one', client), other.policy.take('other', client)];
    opening.resolve('handle 1');
    const [first, second] = await Promise.all(taking.map(async (taken) => taken));
    expect([first?.value, second?.value, openings]).toEqual(['handle 1', 'handle 1', 1]);
    first?.resource.left('released');
    await one.settle();
    expect(log).toEqual([]);
    second?.resource.left('released');
    await other.settle();
    expect(log).toEqual(['close handle 1']);
    const third = await one.policy.take('one', client);
    expect(third.value).toBe('handle 2');
    third.resource.left('released');
    await one.settle();
    expect(log).toEqual(['close handle 1', 'close handle 2']);
  });

  it('is not opened anew before it is closed', async () => {
    const closing = deferred<void>();
    const log: string[] = [];
    const { policy, take, settle } = policyFor({
      open: () => void log.push('open'),
      close: () => {
        log.push('close');
        return closing.promise;
      },
    });
    const client = {};
    take(client).resource.left('released');
    await settle();
    const again = policy.take('key', client);
    await settle();
    expect(log).toEqual(['open', 'close']);
    closing.resolve();
    await again;
    expect(log).toEqual(['open', 'close', 'open']);
  });

  it.each([
    ['throws', () => fail('refused')],
    ['rejects', () => Promise.reject(new Error('refused'))],
  ])('and %s, is not closed and can be opened again', async (_, refuse) => {
    const log: string[] = [];
    let refusing = true;
    const { policy, settle } = policyFor({
      open: (value: object): unknown => (refusing ? refuse() : value),
      close: () => void log.push('close'),
    });
    const client = {};
    const attempts = [policy.take('key', client), policy.take('other', client)];
    for (const attempt of attempts) expect(await failureOf(attempt)).toEqual(new Error('refused'));
    refusing = false;
    const { resource } = await policy.take('key', client);
    resource.left('released');
    await settle();
    expect(log).toEqual(['close']);
  });
});

function fail(message: string): never {
  throw new Error(message);
}
