import type { Clock } from '@memo/core';
import { ClientClosedError, ProtocolViolationError } from '../errors.js';
import type { Answer, Command } from './binary-protocol.js';
import { Channel, type ChannelSettings } from './channel.js';
import { nameOf, type ServerAddress } from './server-address.js';

/** How a client behaves towards its server. Durations are milliseconds. */
export interface ConnectionOptions {
  readonly clock: Clock;
  /** How long a request waits for the connection to open; after that it is never sent. */
  readonly requestPatience: number;
  /**
   * How long opening may take, authentication included.
   * @defaultValue 2,000
   */
  readonly connectTimeout?: number;
  /**
   * How long not one byte may arrive while answers are awaited, before the connection is broken off.
   * @defaultValue 2,000
   */
  readonly silenceLimit?: number;
  /**
   * Bytes of the largest body that an answer may have.
   * @defaultValue 1 GiB and 64 KiB: no memcached keeps a larger item.
   */
  readonly largestAnswer?: number;
  /**
   * The number of the first request on each connection, unsigned 32-bit; for tests.
   * @defaultValue 0
   */
  readonly firstOpaque?: number;
}

const defaults = { connectTimeout: 2_000, silenceLimit: 2_000, largestAnswer: 2 ** 30 + 2 ** 16, firstOpaque: 0 };

/** Most answers to one request: a server that goes on for ever must not fill the memory. */
const mostAnswers = 10_000;
const mostBytesOfAnswers = 16 * 1024 * 1024;

/**
 * The way to one server: a connection that the first request opens, and the next request after it was lost. It tries
 * nothing twice and keeps no process alive: whoever waits for an answer has a deadline of his own.
 */
export class Connection {
  /** The server's name: `host:port` or a path. */
  readonly name: string;
  readonly #settings: ChannelSettings;
  #channel: Channel | undefined;
  #connections = 0;
  #writes = 0;
  #isClosed = false;
  /** Those who wait for the channel to end. */
  #onEnd: (() => void)[] = [];

  constructor(address: ServerAddress, options: ConnectionOptions) {
    this.name = nameOf(address);
    this.#settings = { ...defaults, ...options, address, name: this.name };
  }

  /** How many connections were opened so far. */
  get connections(): number {
    return this.#connections;
  }

  /** The number of the connection there is; `undefined` while there is none. */
  get current(): number | undefined {
    return this.#channel && this.#connections;
  }

  /**
   * Stays the same as long as what is asked for shares a write with what was asked for last: it changes when that was
   * sent, and when that will never be.
   */
  get writes(): number {
    return this.#writes;
  }

  /**
   * The answer to a command.
   *
   * @returns rejects with an error of this package when there will be none.
   */
  ask(command: Command): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const receive = (answer: Answer): boolean => {
        resolve(answer);
        return true;
      };
      this.#open().send(command, { receive, fail: reject });
    });
  }

  /**
   * The answers to a command that has several.
   *
   * @param isLast - whether no answer follows this one.
   */
  askForMany(command: Command, isLast: (answer: Answer) => boolean): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      const answers: Answer[] = [];
      let bytes = 0;
      const channel = this.#open();
      const receive = (answer: Answer): boolean => {
        answers.push(answer);
        bytes += answer.key.length + answer.value.length;
        if (isLast(answer)) {
          resolve(answers);
          return true;
        }
        if (answers.length === mostAnswers || bytes > mostBytesOfAnswers) {
          channel.end(this.#violation(`the answers to one request went on after ${answers.length} of them`));
        }
        return false;
      };
      channel.send(command, { receive, fail: reject });
    });
  }

  /**
   * Asks for the items under keys in one piece.
   *
   * @param keys - at least one.
   * @param take - is told of each key by its place, in their order, as soon as that can be known: the answer, `undefined`
   *   where nothing is there. It does not throw.
   * @returns resolves after the last; rejects with an error of this package when there will be no more.
   */
  askForItems(keys: readonly string[], take: (place: number, answer: Answer | undefined) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const last = keys.length - 1;
      let next = 0;
      const receive = (answer: Answer, left: number): boolean => {
        while (next < last - left) take(next++, undefined);
        take(next++, answer);
        if (left === 0) resolve();
        return left === 0;
      };
      this.#open().sendGets(keys, { receive, fail: reject });
    });
  }

  /** Refuses further requests, waits for the answers to all that were asked for, and closes the connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#channel === undefined) return;
    const ended = new Promise<void>((resolve) => this.#onEnd.push(resolve));
    this.#channel.leave();
    await ended;
  }

  /** Refuses further requests and breaks the connection off: everybody who waits fails at once. */
  destroy(): void {
    this.#isClosed = true;
    this.#channel?.end(new ClientClosedError(this.name));
  }

  #violation(what: string): ProtocolViolationError {
    return new ProtocolViolationError(this.name, what);
  }

  #open(): Channel {
    if (this.#isClosed) throw new ClientClosedError(this.name);
    this.#channel ??= this.#openChannel();
    return this.#channel;
  }

  #openChannel(): Channel {
    const channel = new Channel(this.#settings, {
      onWrite: () => this.#writes++,
      onEnd: () => this.#forgetChannel(),
    });
    this.#connections++;
    return channel;
  }

  #forgetChannel(): void {
    this.#channel = undefined;
    for (const tell of this.#onEnd.splice(0)) tell();
  }
}
