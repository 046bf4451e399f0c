import {
  InvalidOptionError,
  StorageDownError,
  StorageFailedError,
  StorageTimeoutError,
  type Duration,
} from '@memo/core';
import { ServerAccess, type ServerAccessOptions } from '@memo/core/remote';
import { ManualClock } from '@memo/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';

/** What the server itself answers, as some client might say it. */
class Refusal extends Error {}

describe('ServerAccess', () => {
  const question = { operation: 'get', key: 'user:42' };
  let clock: ManualClock;
  let access: ServerAccess;

  beforeEach(() => {
    clock = new ManualClock(Date.UTC(2026, 0, 1));
    access = new ServerAccess({ deadline: 500, clock, isAnswer: (error) => error instanceof Refusal });
  });

  const reject = (error: unknown) => (): Promise<never> => Promise.reject(error);

  /** What an attempt ends with, as soon as it ends. */
  function ending(attempt: Promise<unknown>): { readonly error: unknown } {
    const found: { error: unknown } = { error: undefined };
    attempt.catch((error: unknown) => (found.error = error));
    return found;
  }

  async function fail(times: number, error: unknown = new Error('ECONNREFUSED'), server = 'one'): Promise<void> {
    for (let time = 0; time < times; time++) await access.ask(server, question, reject(error)).catch(() => undefined);
  }

  /** Whether a question is sent to the server, which answers. */
  async function isAsked(server = 'one'): Promise<boolean> {
    let sent = false;
    const send = async (): Promise<void> => void (sent = true);
    await access.ask(server, question, send).catch(() => undefined);
    return sent;
  }

  it('hands over what the server answers, and leaves no timer behind', async () => {
    expect(await access.ask('one', question, async () => 42)).toBe(42);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<[title: string, send: () => Promise<never>]>([
    ['rejects', reject(new Error('ECONNREFUSED'))],
    [
      'throws at once',
      () => {
        throw new Error('ECONNREFUSED');
      },
    ],
  ])('says what failed at what when a client %s', async (_, send) => {
    const failed = access.ask('one', question, send);
    await expect(failed).rejects.toThrow('The storage failed at get of key "user:42": ECONNREFUSED');
    await expect(failed).rejects.toBeInstanceOf(StorageFailedError);
    await expect(access.ask('one', { operation: 'clear' }, send)).rejects.toThrow(
      'The storage failed at clear: ECONNREFUSED',
    );
  });

  it('gives up after the deadline', async () => {
    const end = ending(access.ask('one', question, () => new Promise(() => undefined)));
    await clock.advance(499);
    expect(end.error).toBeUndefined();
    await clock.advance(1);
    expect(end.error).toBeInstanceOf(StorageFailedError);
    expect((end.error as StorageFailedError).cause).toBeInstanceOf(StorageTimeoutError);
  });

  it.each<[deadline: Duration, milliseconds: number]>([
    ['2 seconds', 2_000],
    [Infinity, Infinity],
  ])('takes %s as the deadline', async (deadline, milliseconds) => {
    access = new ServerAccess({ deadline, clock, isAnswer: () => false });
    const end = ending(access.ask('one', question, () => new Promise(() => undefined)));
    await clock.advance(Math.min(milliseconds, 1e9) - 1);
    expect(end.error).toBeUndefined();
    await clock.advance(1);
    expect(end.error !== undefined).toBe(milliseconds !== Infinity);
  });

  it('asks a server no more after five failures in a row, and says so', async () => {
    await fail(5);
    const failed = access.ask('one', question, async () => 42);
    await expect(failed).rejects.toThrow(
      'The storage failed at get of key "user:42": The storage counts as down since 2026-01-01T00:00:00.000Z, ' +
        'after 5 failures in a row. From time to time an operation tries whether it is back.',
    );
    const { cause } = (await failed.catch((error: unknown) => error)) as StorageFailedError;
    expect(cause).toBeInstanceOf(StorageDownError);
    expect(await isAsked()).toBe(false);
    await clock.advance('1 second');
    expect([await isAsked(), await isAsked()]).toEqual([true, true]);
  });

  it('tells whether a server counts as down', async () => {
    await fail(4);
    expect(access.isDown('one')).toBe(false);
    await fail(1);
    expect([access.isDown('one'), access.isDown('two')]).toEqual([true, false]);
    await clock.advance('1 second');
    expect(await isAsked()).toBe(true);
    expect(access.isDown('one')).toBe(false);
  });

  it('judges each server for itself', async () => {
    await fail(5);
    expect([await isAsked('one'), await isAsked('two')]).toEqual([false, true]);
  });

  it('counts what the server itself refuses as an answer', async () => {
    await fail(4);
    await fail(1, new Refusal('WRONGTYPE'));
    await fail(4);
    expect(await isAsked()).toBe(true);
  });

  it.each([null, undefined, 'text'])('counts as a failure what isAnswer stumbles over: %s', async (error) => {
    const isAnswer = (found: unknown): boolean =>
      (found as { readonly status: { valueOf(): boolean } }).status.valueOf();
    access = new ServerAccess({ deadline: 500, clock, isAnswer });
    await expect(access.ask('one', question, reject(error))).rejects.toBeInstanceOf(StorageFailedError);
    await fail(4, error);
    expect(await isAsked()).toBe(false);
  });

  it.each<[title: string, settle: (answer: ReturnType<typeof deferred<number>>) => void, asked: boolean]>([
    ['tries a server at once when it answers late', (answer) => answer.resolve(1), true],
    ['tries a server at once when it refuses late', (answer) => answer.reject(new Refusal('LOADING')), true],
    ['waits when the client gives up late', (answer) => answer.reject(new Error('ECONNRESET')), false],
    ['waits when the client gives up late, with nothing', (answer) => answer.reject(undefined), false],
  ])('%s', async (_, settle, asked) => {
    const answers = Array.from({ length: 5 }, () => deferred<number>());
    const ends = answers.map(({ promise }) => ending(access.ask('one', question, () => promise)));
    await clock.advance('500 ms');
    expect(ends.map(({ error }) => StorageFailedError.isInstance(error))).toEqual(Array(5).fill(true));
    expect(await isAsked()).toBe(false);
    settle(answers[0]!);
    await turn();
    expect(await isAsked()).toBe(asked);
  });

  it.each<[option: string, value: unknown, message: string]>([
    [
      'deadline',
      'soon',
      "should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, " +
        'got "soon". Expected a number with a unit at character 1.',
    ],
    ['clock', {}, 'should be a Clock with now, setTimer, got an object of class Object.'],
    ['isAnswer', true, 'should be a function (error) => boolean, got true.'],
    [
      'isReply',
      1,
      'should be left out, since there is no such option, got 1. The options are deadline, clock, isAnswer.',
    ],
  ])('refuses a wrong option: %s', (option, value, message) => {
    const options = { deadline: 500, clock, isAnswer: () => true, [option]: value } as ServerAccessOptions;
    expect(() => new ServerAccess(options)).toThrow(InvalidOptionError);
    expect(() => new ServerAccess(options)).toThrow(`new ServerAccess: option '${option}' ${message}`);
  });

  it('hands over an answer that came after it was given up, and no other', async () => {
    const late: unknown[] = [];
    const told = { ...question, late: (answer: unknown) => late.push(answer) };
    let answer!: (value: string) => void;
    let refuse!: (error: Error) => void;
    expect(await access.ask('one', told, async () => 'in time')).toBe('in time');
    const slow = ending(access.ask('one', told, () => new Promise((resolve) => (answer = resolve))));
    const failing = ending(access.ask('one', told, () => new Promise((_resolve, reject) => (refuse = reject))));
    await clock.advance(500);
    expect([slow.error, failing.error]).toMatchObject([{ code: 'STORAGE_FAILED' }, { code: 'STORAGE_FAILED' }]);
    answer('too late');
    refuse(new Error('too late'));
    await turn();
    expect(late).toEqual(['too late']);
  });

  it('gives an operation that asks more than once one deadline in all', async () => {
    const since = clock.steady();
    expect(await access.ask('one', { ...question, since }, async () => 1)).toBe(1);
    await clock.advance(400);
    const second = ending(access.ask('one', { ...question, since }, () => new Promise(() => {})));
    await clock.advance(99);
    expect(second.error).toBe(undefined);
    await clock.advance(1);
    expect(second.error).toMatchObject({
      message:
        'The storage failed at get of key "user:42": The storage did not answer get within its deadline of 500 ms.',
    });
    let sent = false;
    const third = ending(access.ask('one', { ...question, since }, async () => void (sent = true)));
    await turn();
    expect(StorageTimeoutError.isInstance((third.error as Error).cause)).toBe(true);
    expect(sent).toBe(false);
  });

  it('gives no operation more time because the clock was set back', async () => {
    const late = ending(
      access.ask('one', { ...question, since: clock.steady() + 60_000 }, () => new Promise(() => {})),
    );
    await clock.advance(500);
    expect(late.error).not.toBe(undefined);
  });
});
