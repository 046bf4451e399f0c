import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMember } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetHistory, readHistory } from '../../src/history/read-history.js';
import { moment, type Recorded, type Value } from '../../src/history/record.js';
import { Recorder, type RecorderOptions } from '../../src/history/recorder.js';

describe('a recorder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'memo-recorder-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const recorder = (options: RecorderOptions = {}, process = 'p'): Recorder => new Recorder(folder, process, options);
  const history = async (): Promise<Recorded[]> => {
    const found: Recorded[] = [];
    for await (const recorded of readHistory(folder)) found.push(recorded);
    return found;
  };

  it('makes values that are told apart, and whose life begins when they are made', () => {
    const own = recorder();
    const before = moment();
    const [first, second] = [own.newValue('k', 'load'), own.newValue('k', 'set')];
    expect([first, second]).toMatchObject([
      { key: 'k', process: 'p', number: 1, by: 'load' },
      { key: 'k', process: 'p', number: 2, by: 'set' },
    ]);
    expect(first.started).toBeGreaterThanOrEqual(before);
    expect(second.started).toBeGreaterThanOrEqual(first.started);
  });

  it('writes down what was asked and answered, from just before to just after', async () => {
    const own = recorder();
    const value = own.newValue('k', 'load');
    own.loadBegan(value);
    let within = 0;
    const answer = await own.asking('read', 'k', async () => {
      within = moment();
      return value;
    });
    expect(answer).toBe(value);
    const [load, read] = (await history()) as [Recorded, Recorded];
    const { started } = value;
    expect(load).toEqual({
      process: 'p',
      operation: 'load',
      key: 'k',
      start: started,
      end: started,
      outcome: 'done',
      value,
    });
    expect(read).toMatchObject({ process: 'p', operation: 'read', key: 'k', outcome: 'done', value });
    expect(read.start).toBeLessThanOrEqual(within);
    expect(read.end).toBeGreaterThanOrEqual(within);
  });

  it('writes down begin and end of a load, and what it was for', async () => {
    const own = recorder();
    const value = own.newValue('k', 'load', 'revision 7');
    expect(value).toMatchObject({ revision: 'revision 7' });
    own.loadBegan(value, { call: 3, batch: 4 });
    own.loadEnded(value);
    const { started } = value;
    expect(await history()).toMatchObject([
      { operation: 'load', key: 'k', start: started, end: started, value, call: 3, batch: 4 },
      { operation: 'loaded', key: 'k', start: started, value },
    ]);
  });

  it('writes down for each of several keys what became of it', async () => {
    const own = recorder();
    const value = own.newValue('a', 'load');
    const about = (key: string) => ({ call: 5, demanded: `revision of ${key}` });
    const values = new Map([['a', value]]);
    expect(await own.askingMany('read', ['a', 'b'], async () => values, about)).toBe(values);
    await own.askingMany('read', ['a', 'b'], () => Promise.reject(new Error('no')), about);
    const said = { operation: 'read', call: 5 };
    expect(await history()).toMatchObject([
      { ...said, key: 'a', outcome: 'done', value, demanded: 'revision of a' },
      { ...said, key: 'b', outcome: 'failed', error: 'it was left out', demanded: 'revision of b' },
      { ...said, key: 'a', outcome: 'failed', error: 'Error: no', demanded: 'revision of a' },
      { ...said, key: 'b', outcome: 'failed', error: 'Error: no', demanded: 'revision of b' },
    ]);
  });

  it('writes down what was told; a set begins when its value does', async () => {
    const own = recorder();
    const value = own.newValue('k', 'set');
    await own.telling('set', 'k', async () => {}, value);
    await own.telling('clear', '', async () => {});
    expect(await history()).toMatchObject([
      { operation: 'set', key: 'k', start: value.started, outcome: 'done', value },
      { operation: 'clear', key: '', outcome: 'done' },
    ]);
  });

  it('writes down what became of an offered value, and passes it on', async () => {
    const own = recorder();
    const value = own.newValue('k', 'load');
    expect(await own.publishing(value, async () => 'stored')).toBe('stored');
    expect(await own.publishing(value, async () => 'declined')).toBe('declined');
    await expect(own.publishing(value, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await history()).map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'publish done',
      'publish declined',
      'publish failed',
    ]);
  });

  it('writes down failures with their causes, and lets the caller go on', async () => {
    const own = recorder({ isFailureOfFunction: (error) => error instanceof RangeError });
    const failure = new TypeError('no', { cause: new Error('why') });
    expect(await own.asking('read', 'k', () => Promise.reject(failure))).toBeUndefined();
    expect(await own.asking('refresh', 'k', () => Promise.reject(new RangeError('told to')))).toBeUndefined();
    await own.telling('delete', 'k', () => Promise.reject(failure));
    expect(await history()).toMatchObject([
      { operation: 'read', outcome: 'failed', error: 'TypeError: no <- Error: why' },
      { operation: 'refresh', outcome: 'function failed', error: 'RangeError: told to' },
      { operation: 'delete', outcome: 'failed', error: 'TypeError: no <- Error: why' },
    ]);
  });

  it('writes down what never ends, and lets the caller go on', async () => {
    const own = recorder({ patience: 20 });
    await own.telling('delete', 'k', () => new Promise(() => {}));
    expect(await history()).toMatchObject([{ operation: 'delete', outcome: 'hung' }]);
  });

  it('writes beside others, and goes on after what was written has been forgotten', async () => {
    const [one, other] = [recorder(), recorder({}, 'q')];
    await Promise.all([one, other].map((each) => each.telling('clear', '', async () => {})));
    expect((await history()).map(({ process }) => process)).toEqual(['p', 'q']);
    forgetHistory(folder);
    await one.telling('delete', 'k', async () => {});
    expect((await history()).map(({ operation }) => operation)).toEqual(['delete']);
  });

  it('may be killed in the middle of its last line, and only of that', async () => {
    await recorder().telling('delete', 'k', async () => {});
    appendFileSync(join(folder, 'p.jsonl'), '{"process":"p","operation":"read","value":{"key":"k"}');
    expect((await history()).map(({ operation }) => operation)).toEqual(['delete']);
    appendFileSync(join(folder, 'p.jsonl'), '\n{}\n');
    await expect(history()).rejects.toThrow(SyntaxError);
  });

  it('tells moments of one clock in all processes, and outlives its process', async () => {
    const program = new URL('../support/recording-member.ts', import.meta.url);
    const member = await startMember<string>(program, { FOLDER: folder });
    const before = moment();
    const { started } = (await member.tell('k')) as Value;
    const after = moment();
    await member.end();
    expect(started).toBeGreaterThan(before);
    expect(started).toBeLessThan(after);
    expect(await history()).toMatchObject([{ operation: 'load', process: 'child', start: started }]);
  });
});
