import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextTurn } from '../../../src/codecs/bz2/next-turn.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('nextTurn', () => {
  it('lets others have their turn', async () => {
    const said: string[] = [];
    setImmediate(() => said.push('another'));
    await nextTurn();
    said.push('this');
    expect(said).toStrictEqual(['another', 'this']);
  });

  it('gives everyone who waits a turn of his own', async () => {
    const due: (() => void)[] = [];
    vi.stubGlobal('setImmediate', (callback: () => void) => due.push(callback));
    const said: string[] = [];
    const all = ['one', 'two', 'three'].map(async (name) => {
      await nextTurn();
      said.push(name);
    });
    for (let turn = 1; turn <= 3; turn++) {
      await vi.waitFor(() => expect(due.length).toBe(1));
      expect(said.length).toBe(turn - 1);
      due.pop()!();
      await all[turn - 1];
    }
    expect(said).toStrictEqual(['one', 'two', 'three']);
  });

  it('is not held up by turns that never came', async () => {
    const forgetful = vi.fn();
    vi.stubGlobal('setImmediate', forgetful);
    const never = nextTurn();
    await vi.waitFor(() => expect(forgetful).toHaveBeenCalled());
    vi.unstubAllGlobals();
    await nextTurn();
    expect(await Promise.race([never, Promise.resolve('still waiting')])).toBe('still waiting');
  });

  it('waits by a message where there is no setImmediate', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.stubGlobal('setTimeout', undefined);
    const posted = vi.spyOn(MessagePort.prototype, 'postMessage');
    await nextTurn();
    expect(posted).toHaveBeenCalledTimes(1);
    posted.mockRestore();
  });

  it('waits by a timer where there are no messages', async () => {
    vi.stubGlobal('setImmediate', undefined);
    vi.stubGlobal('MessageChannel', undefined);
    const set = vi.spyOn(globalThis, 'setTimeout');
    await nextTurn();
    expect(set.mock.calls.map(([, delay]) => delay)).toStrictEqual([0]);
    set.mockRestore();
  });

  it('does not wait where there is nothing to wait with', async () => {
    for (const name of ['setImmediate', 'MessageChannel', 'setTimeout']) vi.stubGlobal(name, undefined);
    await nextTurn();
    await nextTurn();
  });

  it.each(['setImmediate', 'MessageChannel', 'setTimeout'])('keeps no process alive: %s', async (scheduling) => {
    const others = ['setImmediate', 'MessageChannel', 'setTimeout'].filter((name) => name !== scheduling);
    const program = `
      import { bz2 } from './bz2.js';
      for (const name of ${JSON.stringify(others)}) delete globalThis[name];
      const codec = bz2({ level: 1, maxOutputLength: 1e6, asyncAbove: 0 });
      codec.encode(new Uint8Array(50_000)).then((stream) => codec.decode(stream)).then((data) => console.log(data.length));
    `;
    const resolveDir = fileURLToPath(new URL('../../../src/codecs/bz2', import.meta.url));
    const stdin = { contents: program, resolveDir, loader: 'ts' } as const;
    const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'esm', platform: 'neutral' });
    const input = outputFiles[0]!.text;
    const child = spawnSync(process.execPath, ['--input-type=module', '-'], { input, timeout: 30_000 });
    expect([child.status, child.stdout.toString(), child.stderr.toString()]).toStrictEqual([0, '50000\n', '']);
  });
});
