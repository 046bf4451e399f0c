import dns from 'node:dns';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageTimeoutError, withinDeadline } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Command } from '../../src/client/binary-protocol.js';
import { Connection, type ConnectionOptions } from '../../src/client/connection.js';
import type { ServerAddress } from '../../src/client/server-address.js';
import { failureOf } from '../../../serde/test/support/stored-entry.js';
import { answerBytes } from './support/answer-bytes.js';
import { ScriptedServer, startScriptedServer, type ReceivedRequest } from './support/scripted-server.js';
import { watchWrites } from './support/watch-writes.js';

const get = (key: string): Command => ({ opcode: 0x00, key });
const set = (key: string, value: string): Command => ({ opcode: 0x01, key, extras: Buffer.alloc(8), value });

/** Answers every request with its own key as the value. */
const echo = (request: ReceivedRequest): void => request.answer({ value: request.key });
/** What is answered to GETs of keys that are asked for in one piece, in their order. */
const askForItems = async (
  connection: Connection,
  keys: readonly string[],
): Promise<readonly (Answer | undefined)[]> => {
  const answers: (Answer | undefined)[] = [];
  await connection.askForItems(keys, (place, answer) => {
    expect(place).toBe(answers.length);
    answers.push(answer);
  });
  return answers;
};
const valueOf = async (answer: Promise<Answer>): Promise<string> => (await answer).value.toString();

/** Waits until the other side of a connection has ended it. */
const ended = (socket: Socket): Promise<void> =>
  expect.poll(() => socket.readableEnded || socket.destroyed, { interval: 2 }).toBe(true);

let clock: ManualClock;
const opened: Connection[] = [];

function connect(address: ServerAddress, options: Partial<ConnectionOptions> = {}): Connection {
  const connection = new Connection(address, { clock, requestPatience: 500, ...options });
  opened.push(connection);
  return connection;
}

beforeEach(() => {
  clock = new ManualClock();
});

afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
  expect(clock.pendingTimers).toBe(0);
});

describe('opening', () => {
  it('waits for the first request', async () => {
    await using server = await startScriptedServer(echo);
    const connection = connect(server);
    expect(connection.connections).toBe(0);
    expect(await valueOf(connection.ask(get('a')))).toBe('a');
    expect(await valueOf(connection.ask(get('b')))).toBe('b');
    expect([connection.connections, server.sockets.length]).toEqual([1, 1]);
  });

  it('reaches a Unix socket', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'memo-socket-')), 'memcached.sock');
    await using server = new ScriptedServer(echo);
    await server.listen({ path });
    const connection = connect({ path });
    expect(await valueOf(connection.ask(get('a')))).toBe('a');
    expect(connection.name).toBe(path);
    rmSync(join(path, '..'), { recursive: true });
  });

  it('is named by host and port', () => {
    expect(connect({ host: 'localhost', port: 11211 }).name).toBe('localhost:11211');
    expect(connect({ host: '::1', port: 11211 }).name).toBe('[::1]:11211');
  });

  it('fails everybody who waits when nobody listens, and is tried again by the next request', async () => {
    const server = await startScriptedServer();
    const address = { host: server.host, port: server.port };
    await server[Symbol.asyncDispose]();
    const connection = connect(address);
    const errors = await Promise.all([failureOf(connection.ask(get('a'))), failureOf(connection.ask(get('b')))]);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', cause: { code: 'ECONNREFUSED' } });
      expect(error.message).toContain(`was lost: connect ECONNREFUSED ${server.host}:${address.port}. `);
    }
    await using next = new ScriptedServer(echo);
    await next.listen(address);
    expect(await valueOf(connection.ask(get('a')))).toBe('a');
    expect(connection.connections).toBe(2);
  });

  it('says why each address of a host refused', async () => {
    const server = await startScriptedServer();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ];
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: object, answer: unknown) => {
      (answer as (error: null, found: object) => void)(null, addresses);
    }) as typeof dns.lookup);
    const error = await failureOf(connect({ host: 'two.example', port }).ask(get('a')));
    lookup.mockRestore();
    expect(error.message).toContain(
      `connect ECONNREFUSED 127.0.0.1:${port}, connect ECONNREFUSED 127.0.0.2:${port}. The next`,
    );
  });

  it('drops requests that waited for too long, and never sends them', async () => {
    await using server = await startScriptedServer();
    const connection = connect({ host: server.host, port: server.port, username: 'user', password: 'secret' });
    const dropped = failureOf(connection.ask(set('a', 'given up')));
    const [authentication] = await server.received(1);
    await clock.advance(300);
    const kept = connection.ask(set('b', 'kept'));
    await clock.advance(200);
    expect(await dropped).toMatchObject({
      code: 'REQUEST_NOT_SENT',
      context: { server: connection.name, patience: 500 },
    });
    authentication?.answer();
    const requests = await server.received(2);
    expect(requests.slice(1).map(({ key, value }) => [key, value])).toEqual([['b', 'kept']]);
    requests.at(-1)?.answer();
    await kept;
  });

  it('is given up after a time, authentication included', async () => {
    await using server = await startScriptedServer();
    const connection = connect(
      { host: server.host, port: server.port, username: 'user', password: 'secret' },
      { requestPatience: Infinity, silenceLimit: Infinity },
    );
    const waiting = failureOf(connection.ask(get('a')));
    await server.received(1);
    await clock.advance(1_999);
    expect(server.sockets[0]?.readableEnded).toBe(false);
    await clock.advance(1);
    expect(await waiting).toMatchObject({
      code: 'CONNECTION_LOST',
      context: { what: 'it did not open within 2000 ms' },
    });
  });
});

describe('authentication', () => {
  const credentials = { username: 'alice', password: 'sécret' };

  it('comes before anything else', async () => {
    await using server = await startScriptedServer();
    const connection = connect({ host: server.host, port: server.port, ...credentials });
    const asked = connection.ask(get('a'));
    const [authentication] = await server.received(1);
    expect(authentication).toMatchObject({ opcode: 0x21, key: 'PLAIN', value: '\0alice\0sécret' });
    // A turn of the event loop, in which anything else could have been sent.
    await clock.advance(0);
    expect(server.requests).toHaveLength(1);
    authentication?.answer({ value: 'Authenticated' });
    (await server.received(2))[1]?.answer({ value: 'answer' });
    expect(await valueOf(asked)).toBe('answer');
  });

  it('is refused: everybody who waits is told so, and the next request tries again', async () => {
    const server = await startScriptedServer((request) => {
      if (request.opcode === 0x21) request.answer({ status: 0x20, value: 'Auth failure.' });
      else request.answer({ value: 'let in without a password' });
    });
    const connection = connect({ host: server.host, port: server.port, ...credentials });
    for (let round = 1; round <= 2; round++) {
      const errors = await Promise.all([failureOf(connection.ask(get('a'))), failureOf(connection.ask(get('b')))]);
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'AUTHENTICATION_REFUSED', context: { text: 'Auth failure' } });
      }
      expect(connection.connections).toBe(round);
    }
    await server[Symbol.asyncDispose]();
  });
});

describe('answers', () => {
  it('belong to requests by their order and their number, which starts again after the largest', async () => {
    await using server = await startScriptedServer(echo);
    const connection = connect(server, { firstOpaque: 2 ** 32 - 2 });
    const keys = ['a', 'b', 'c', 'd'];
    expect(await Promise.all(keys.map((key) => valueOf(connection.ask(get(key)))))).toEqual(keys);
    expect(server.requests.map(({ opaque }) => opaque)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 0, 1]);
  });

  it('are read and dropped where nobody waits for them any more', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const deadline = { milliseconds: 100, operation: 'get', clock };
    const givenUp = failureOf(withinDeadline(deadline, () => connection.ask(get('a'))));
    await server.received(1);
    await clock.advance(101);
    expect(StorageTimeoutError.isInstance(await givenUp)).toBe(true);
    const answer = valueOf(connection.ask(get('b')));
    for (const request of await server.received(2)) echo(request);
    expect(await answer).toBe('b');
    expect(server.sockets).toHaveLength(1);
  });

  it('may come in any pieces', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const answers = Promise.all(['a', 'b'].map((key) => valueOf(connection.ask(get(key)))));
    const [first, second] = await server.received(2);
    const bytes = Buffer.concat([first!, second!].map(({ opaque, key }) => answerBytes({ opaque, value: key })));
    const socket = first!.socket.setNoDelay();
    for (const byte of bytes) await new Promise((written) => socket.write(Buffer.of(byte), written));
    expect(await answers).toEqual(['a', 'b']);
  });

  it('may be many for one request, until the last', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const several = connection.askForMany({ opcode: 0x10, key: '' }, ({ key }) => key.length === 0);
    const single = valueOf(connection.ask(get('a')));
    const [stats, one] = await server.received(2);
    for (const key of ['x', 'y', '']) stats?.answer({ key, value: key });
    one?.answer({ value: 'single' });
    expect((await several).map(({ key }) => key.toString())).toEqual(['x', 'y', '']);
    expect(await single).toBe('single');
  });

  describe('to many GETs at once', () => {
    const missing = { status: 0x01, value: 'Not found' };
    const shown = (answer: Answer | undefined): string | undefined =>
      answer?.status === missing.status ? undefined : answer?.value.toString();

    it('come for those that are there, in one write and one row', async () => {
      await using server = await startScriptedServer();
      const connection = connect(server, { firstOpaque: 2 ** 32 - 2 });
      const many = askForItems(connection, ['a', 'b', 'c', 'd']);
      const single = valueOf(connection.ask(get('single')));
      const requests = await server.received(5);
      expect(requests.map(({ opcode, key, opaque }) => [opcode, key, opaque])).toEqual([
        [0x09, 'a', 2 ** 32 - 2],
        [0x09, 'b', 2 ** 32 - 1],
        [0x09, 'c', 0],
        [0x00, 'd', 1],
        [0x00, 'single', 2],
      ]);
      for (const place of [1, 3, 4]) echo(requests[place]!);
      expect((await many).map(shown)).toEqual([undefined, 'b', undefined, 'd']);
      expect(await single).toBe('single');
    });

    it.each([
      ['none', []],
      ['all but the last', [0, 1]],
      ['all', [0, 1, 2]],
    ])('of which %s are there', async (_how, there: readonly number[]) => {
      await using server = await startScriptedServer();
      const connection = connect(server);
      const keys = ['a', 'b', 'c'];
      const many = askForItems(connection, keys);
      const requests = await server.received(3);
      for (const place of there) echo(requests[place]!);
      if (!there.includes(2)) requests[2]!.answer(missing);
      expect((await many).map(shown)).toEqual(keys.map((key, place) => (there.includes(place) ? key : undefined)));
    });

    it('are told as soon as they can be known', async () => {
      await using server = await startScriptedServer();
      const connection = connect(server);
      const told: (string | undefined)[] = [];
      const all = connection.askForItems(['a', 'b', 'c', 'd'], (_, answer) => told.push(shown(answer)));
      const requests = await server.received(4);
      echo(requests[1]!);
      await expect.poll(() => told, { interval: 2 }).toEqual([undefined, 'b']);
      requests[3]!.answer(missing);
      await all;
      expect(told).toEqual([undefined, 'b', undefined, undefined]);
    });

    it.each<[string, (requests: readonly ReceivedRequest[]) => void]>([
      ['the request 1 was answered instead of 2', ([, second]) => [second, second].forEach((twice) => twice!.answer())],
      ['the request 0 was answered instead of 2', ([first, second]) => [second, first].forEach((one) => one!.answer())],
      ['the request 3 was answered instead of 2', (requests) => requests[3]!.answer()],
      ['the command 0x00 was answered instead of 0x09', ([first]) => first!.answer({ opcode: 0 })],
      ['the command 0x09 was answered instead of 0x00', ([, , last]) => last!.answer({ opcode: 0x09 })],
    ])('that belong to none of them break off the connection: %s', async (what, lie) => {
      await using server = await startScriptedServer();
      const connection = connect(server);
      const failures = Promise.all([
        failureOf(askForItems(connection, ['a', 'b', 'c'])),
        failureOf(connection.ask(get('single'))),
      ]);
      lie(await server.received(4));
      for (const error of await failures) expect(error.message).toContain(`broke the protocol: ${what}`);
    });

    it('are nobody’s where the connection ends before all have come', async () => {
      await using server = await startScriptedServer();
      const connection = connect(server);
      const told: unknown[] = [];
      const failure = failureOf(connection.askForItems(['a', 'b'], (_, answer) => told.push(shown(answer))));
      const [first] = await server.received(2);
      echo(first!);
      first!.socket.end();
      expect(await failure).toMatchObject({ code: 'CONNECTION_LOST' });
      expect(told).toEqual(['a']);
    });
  });

  it.each<[string, (oldest: ReceivedRequest) => Buffer]>([
    ['an answer began with', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['the command 0x04 was answered', ({ opaque }) => answerBytes({ opcode: 4, opaque })],
    ['the request 1 was answered', ({ opaque }) => answerBytes({ opaque: opaque + 1 })],
    ['extras of 0 and a key of 3 bytes', ({ opaque }) => answerBytes({ opaque, key: 'key', bodyLength: 2 })],
    ['an answer of 1001 bytes was announced', ({ opaque }) => answerBytes({ opaque, bodyLength: 1_001 })],
  ])('that break the protocol break off the connection: %s', async (what, lie) => {
    await using server = await startScriptedServer();
    const connection = connect(server, { largestAnswer: 1_000 });
    const failures = Promise.all(['a', 'b'].map((key) => failureOf(connection.ask(get(key)))));
    const [first, second] = await server.received(2);
    // What looks right after a lie is not to be trusted, either.
    const truth = [first!, second!].map(({ opaque, key }) => answerBytes({ opaque, value: key }));
    first!.socket.write(Buffer.concat([lie(first!), ...truth]));
    for (const error of await failures) {
      expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
      expect(error.message).toContain(`${connection.name} broke the protocol: ${what}`);
    }
    const next = valueOf(connection.ask(get('c')));
    echo((await server.received(3))[2]!);
    expect(await next).toBe('c');
    expect(server.sockets).toHaveLength(2);
    expect(server.requests.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('that never end are too many at some time', async () => {
    await using server = await startScriptedServer((request) => {
      for (let answer = 0; answer < 20_000; answer++) request.answer({ key: 'more', value: 'and more' });
    });
    const connection = connect(server);
    const error = await failureOf(connection.askForMany({ opcode: 0x10, key: '' }, () => false));
    expect(error.message).toContain('broke the protocol: the answers to one request went on after 10000 of them.');
  });

  it('that nobody asked for break off the connection, so that they are nobody’s', async () => {
    await using server = await startScriptedServer(echo);
    const connection = connect(server);
    await connection.ask(get('a'));
    server.sockets[0]?.write(answerBytes({ opaque: 1, value: 'a lie' }));
    await ended(server.sockets[0]!);
    expect(await valueOf(connection.ask(get('b')))).toBe('b');
    expect(connection.connections).toBe(2);
  });

  it('settle every request and leave the next one unharmed, whatever bytes they are', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server, { largestAnswer: 10_000 });
    const damage = fc.array(fc.record({ at: fc.nat(120), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 });
    const cut = fc.option(fc.nat(120));
    await fc.assert(
      fc.asyncProperty(damage, cut, async (damaged, length) => {
        const arrived = server.requests.length;
        const settled = Promise.allSettled([connection.ask(get('a')), askForItems(connection, ['b', 'c'])]);
        const [first] = (await server.received(arrived + 3)).slice(arrived);
        const truth = server.requests
          .slice(arrived)
          .map(({ opcode, opaque, key }) => answerBytes({ opcode, opaque, value: `value ${key}` }));
        const bytes = Buffer.concat(truth).subarray(0, length ?? 120);
        for (const { at, byte } of damaged) if (at < bytes.length) bytes[at] = byte;
        first!.socket.end(bytes);
        await settled;
        await ended(first!.socket);
        const next = valueOf(connection.ask(get('next')));
        echo((await server.received(arrived + 4))[arrived + 3]!);
        expect(await next).toBe('next');
      }),
      { numRuns: 100 },
    );
  });
});

describe('the end of a connection', () => {
  it.each<[string, string, (socket: Socket) => void]>([
    ['closed by the server', 'the server closed it', (socket) => socket.end()],
    [
      'closed in the middle of an answer',
      'the server closed it',
      (socket) => socket.end(answerBytes({ value: 'x'.repeat(100) }).subarray(0, 60)),
    ],
    ['reset', 'read ECONNRESET', (socket) => socket.resetAndDestroy()],
  ])('%s: everybody who waits fails at once, and nothing of it is left', async (_how, what, finish) => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const failures = Promise.all(['a', 'b'].map((key) => failureOf(connection.ask(get(key)))));
    const [first] = await server.received(2);
    finish(first!.socket);
    for (const error of await failures) expect(error).toMatchObject({ code: 'CONNECTION_LOST', context: { what } });
    const next = valueOf(connection.ask(get('c')));
    echo((await server.received(3))[2]!);
    expect(await next).toBe('c');
    // The late `close` of the old socket leaves the new connection alone.
    const another = valueOf(connection.ask(get('d')));
    echo((await server.received(4))[3]!);
    expect(await another).toBe('d');
    expect(connection.connections).toBe(2);
  });

  it('comes when the server was asked and has said nothing for a time, however much more it is asked', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const failures = [failureOf(connection.ask(get('a')))];
    await server.received(1);
    for (let time = 1; time < 20; time++) {
      await clock.advance(100);
      failures.push(failureOf(connection.ask(get('more'))));
    }
    await server.received(20);
    await clock.advance(99);
    expect(server.sockets[0]?.readableEnded).toBe(false);
    await clock.advance(1);
    const what = 'nothing came from the server for 2000 ms, though it was asked';
    for (const error of await Promise.all(failures)) {
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', context: { what } });
    }
  });

  it('does not come as long as the server says something, or nobody asks it', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const answer = valueOf(connection.ask(get('a')));
    const [request] = await server.received(1);
    const timers = vi.spyOn(clock, 'setTimer');
    const bytes = answerBytes({ value: 'slow' });
    for (const byte of bytes.subarray(0, -1)) {
      await clock.advance(1_999);
      timers.mockClear();
      request!.socket.write(Buffer.of(byte));
      // The silence begins anew when the byte has been heard.
      await expect.poll(() => timers.mock.calls.length, { interval: 1 }).toBe(1);
    }
    request!.socket.write(bytes.subarray(-1));
    expect(await answer).toBe('slow');
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(10_000);
    expect(connection.connections).toBe(1);
  });
});

describe('requests of one turn of the event loop', () => {
  it('share a write, also many GETs at once', async () => {
    await using server = await startScriptedServer((request) => {
      if (request.opcode !== 0x09) echo(request);
    });
    const connection = connect(server);
    await connection.ask(get('opens'));
    const writes = watchWrites();
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    await Promise.all([connection.ask(get('a')), askForItems(connection, keys), connection.ask(get('b'))]);
    expect(writes.count()).toBe(1);
    writes.stop();
  });

  it('share a write, also those of promises that go on in that turn', async () => {
    await using server = await startScriptedServer(echo);
    const connection = connect(server);
    await connection.ask(get('opens'));
    const writes = watchWrites();
    const before = connection.writes;
    const afterPromises = async (key: string, count: number): Promise<string> => {
      for (let step = 0; step < count; step++) await Promise.resolve();
      expect(connection.writes).toBe(before);
      return valueOf(connection.ask(get(key)));
    };
    // The first is asked for by a callback of the event loop, before any promise goes on.
    const answers = new Promise<string[]>((resolve) => {
      setImmediate(() =>
        resolve(Promise.all(['a', 'b', 'c', 'd'].map((key, index) => afterPromises(key, index * 10)))),
      );
    });
    expect(await answers).toEqual(['a', 'b', 'c', 'd']);
    expect([connection.writes - before, writes.count()]).toEqual([1, 1]);
    await connection.ask(get('e'));
    expect([connection.writes - before, writes.count()]).toEqual([2, 2]);
    writes.stop();
  });

  it('that will never be sent are told apart from those that come later', async () => {
    await using server = await startScriptedServer();
    const connection = connect({ host: server.host, port: server.port, username: 'user', password: 'secret' });
    const dropped = failureOf(connection.ask(get('dropped')));
    const before = connection.writes;
    await clock.advance(500);
    await dropped;
    expect(connection.writes).toBeGreaterThan(before);
    const lost = failureOf(connection.ask(get('lost')));
    const beforeEnd = connection.writes;
    (await server.received(1))[0]?.socket.destroy();
    await lost;
    expect(connection.writes).toBeGreaterThan(beforeEnd);
  });
});

describe('closing', () => {
  it('waits for the answers to everything that was asked for, and refuses more', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const answers = Promise.all(['a', 'b'].map((key) => valueOf(connection.ask(get(key)))));
    let closed = false;
    const closing = connection.close().then(() => (closed = true));
    const error = await failureOf(connection.ask(get('c')));
    expect(error).toMatchObject({ code: 'CLIENT_CLOSED', context: { server: connection.name } });
    const [first, second] = await server.received(2);
    echo(first!);
    await clock.advance(0);
    expect(closed).toBe(false);
    echo(second!);
    await closing;
    expect(await answers).toEqual(['a', 'b']);
    await ended(server.sockets[0]!);
    await connection.close();
    expect(server.requests).toHaveLength(2);
  });

  it('waits no longer when the connection is lost, or what was asked for is dropped', async () => {
    await using server = await startScriptedServer();
    const lost = connect(server);
    const losing = failureOf(lost.ask(get('a')));
    const closing = lost.close();
    (await server.received(1))[0]?.socket.destroy();
    await Promise.all([losing, closing]);

    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(() => {});
    const dropped = connect({ host: 'unanswered.example', port: 1 });
    const dropping = failureOf(dropped.ask(get('a')));
    const closingToo = dropped.close();
    await clock.advance(500);
    await Promise.all([dropping, closingToo]);
    lookup.mockRestore();
  });

  it('is done at once where nothing was opened', async () => {
    const connection = connect({ host: '127.0.0.1', port: 1 });
    await connection.close();
    expect(connection.connections).toBe(0);
  });

  it('by force: everybody who waits fails at once', async () => {
    await using server = await startScriptedServer();
    const connection = connect(server);
    const failures = Promise.all(['a', 'b'].map((key) => failureOf(connection.ask(get(key)))));
    await server.received(2);
    connection.destroy();
    for (const error of await failures) expect(error).toMatchObject({ code: 'CLIENT_CLOSED' });
    await ended(server.sockets[0]!);
    connection.destroy();
  });
});

it('leaves nothing behind: no listener, no timer', async () => {
  await using server = await startScriptedServer(echo);
  const connection = connect(server);
  const added = vi.spyOn(Socket.prototype, 'on');
  const addedOnce = vi.spyOn(Socket.prototype, 'once');
  await connection.ask(get('opens'));
  added.mockClear();
  addedOnce.mockClear();
  for (let round = 0; round < 50; round++) await Promise.all([connection.ask(get('a')), connection.ask(get('b'))]);
  expect([added.mock.calls.length, addedOnce.mock.calls.length]).toEqual([0, 0]);
  expect(clock.pendingTimers).toBe(0);
  added.mockRestore();
  addedOnce.mockRestore();
});

it('fails at whoever asks for what cannot be sent', async () => {
  await using server = await startScriptedServer(echo);
  const connection = connect(server);
  const unsendable = { opcode: 0x01, key: 'a', value: 5 as unknown as string };
  expect(await failureOf(connection.ask(unsendable))).toBeInstanceOf(TypeError);
  expect(await valueOf(connection.ask(get('a')))).toBe('a');
});
