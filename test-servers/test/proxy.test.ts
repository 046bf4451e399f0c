import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type Proxy } from '../src/index.js';

describe('a proxy', () => {
  let echo: Server;
  let proxy: Proxy;
  let client: Socket;

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await startProxy({ target: { port: (echo.address() as AddressInfo).port } });
    client = await connected();
  });

  afterEach(async () => {
    client.destroy();
    await proxy.stop();
    echo.close();
  });

  const connected = async (): Promise<Socket> => {
    const socket = connect(proxy.port, proxy.host);
    socket.setEncoding('utf8');
    await once(socket, 'connect');
    return socket;
  };
  const answerTo = async (text: string, socket = client): Promise<string> => {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [string];
    return answer;
  };
  const received = (socket: Socket, length: number): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      socket.on('data', (data: string) => {
        text += data;
        if (text.length === length) resolve(text);
      });
    });

  it('forwards in both directions', async () => {
    expect(await answerTo('hello')).toBe('hello');
    expect(proxy.connections).toBe(1);
  });

  it('delays', async () => {
    proxy.delay(40);
    const start = performance.now();
    expect(await answerTo('hello')).toBe('hello');
    expect(performance.now() - start).toBeGreaterThanOrEqual(75);
  });

  it('cuts an answer in its middle', async () => {
    proxy.cutAfter(3);
    const ended = once(client, 'end');
    expect(await answerTo('hello')).toBe('hel');
    await ended;
  });

  it('keeps the order of what was delayed and what comes after resume', async () => {
    const answers = received(client, 11);
    proxy.delay(2_000);
    client.write('first');
    await pause(20);
    await proxy.resume();
    client.write('second');
    expect(await answers).toBe('firstsecond');
  });

  it('keeps the order when the delay becomes shorter', async () => {
    const answers = received(client, 11);
    proxy.delay(60);
    client.write('first');
    await pause(20);
    proxy.delay(1);
    client.write('second');
    expect(await answers).toBe('firstsecond');
  });

  it('stalls in the middle of an answer, on every connection, and goes on after resume', async () => {
    expect(await answerTo('hello')).toBe('hello');
    proxy.stallAfter(3);
    const other = await connected();
    expect([await answerTo('hello'), await answerTo('hello', other)]).toEqual(['hel', 'hel']);
    client.write(' again');
    const rest = received(client, 8);
    expect(await Promise.race([rest, pause(30, 'nothing')])).toBe('nothing');
    expect([client.readableEnded, client.destroyed, proxy.connections]).toEqual([false, false, 2]);
    await proxy.resume();
    expect(await rest).toBe('lo again');
    expect(await answerTo('more')).toBe('more');
    other.destroy();
  });

  it('holds data back while frozen and delivers it after resume', async () => {
    proxy.freeze();
    const answer = answerTo('hello');
    expect(await Promise.race([answer, pause(30, 'nothing')])).toBe('nothing');
    await proxy.resume();
    expect(await answer).toBe('hello');
  });

  it('swallows data, and breaks what it damaged at resume', async () => {
    proxy.swallow();
    const failed = new Promise<Error>((resolve) => client.once('error', resolve));
    client.write('hello');
    await pause(20);
    expect(client.destroyed).toBe(false);
    await proxy.resume();
    expect((await failed).message).toContain('ECONNRESET');
    client = await connected();
    expect(await answerTo('again')).toBe('again');
  });

  it('forgets the connections that are open, and serves new ones', async () => {
    proxy.forget();
    const failed = new Promise<Error>((resolve) => client.once('error', resolve));
    const answer = once(client, 'data');
    client.write('hello');
    const other = await connected();
    expect(await answerTo('other', other)).toBe('other');
    expect(await Promise.race([answer, pause(30, 'nothing')])).toBe('nothing');
    answer.catch(() => undefined);
    expect(client.destroyed).toBe(false);
    await proxy.resume();
    expect((await failed).message).toContain('ECONNRESET');
    expect(await answerTo('again', other)).toBe('again');
    other.destroy();
  });

  it('resets connections', async () => {
    await answerTo('hello');
    const failed = new Promise<Error>((resolve) => client.once('error', resolve));
    proxy.reset();
    expect((await failed).message).toContain('ECONNRESET');
  });

  it('ends connections in good order', async () => {
    await answerTo('hello');
    const ended = once(client, 'end');
    client.resume();
    proxy.finish();
    await ended;
  });

  it('breaks also the connections whose end is just being sent', async () => {
    await answerTo('hello');
    proxy.finish();
    proxy.reset();
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('refuses connections until it resumes on the same port', async () => {
    client.on('error', () => undefined);
    const { port } = proxy;
    await proxy.refuse();
    await expect(connected()).rejects.toThrow('ECONNREFUSED');
    await proxy.resume();
    expect(proxy.port).toBe(port);
    client = await connected();
    expect(await answerTo('again')).toBe('again');
  });
});
