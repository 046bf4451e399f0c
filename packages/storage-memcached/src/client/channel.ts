import type { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { CancelTimer, Clock } from '@memo/core';
import {
  AuthenticationRefusedError,
  ConnectionLostError,
  ProtocolViolationError,
  RequestNotSentError,
} from '../errors.js';
import { AnswerReader } from './answer-reader.js';
import {
  commandsLeftAfter,
  getsBytes,
  meaningOf,
  opcodes,
  plainAuthentication,
  requestBytes,
  statuses,
  violationIn,
  type Answer,
  type AnswerHeader,
  type Asked,
  type Command,
} from './binary-protocol.js';
import { atEndOfTurn } from './end-of-turn.js';
import { setPatientTimer } from './patient-timer.js';
import { Queue } from './queue.js';
import type { ServerAddress } from './server-address.js';
import { SilenceWatch } from './silence-watch.js';

/** How a client behaves towards its server. Durations are milliseconds. */
export interface ChannelSettings {
  readonly address: ServerAddress;
  /** The server's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  /** How long a request waits for the channel to open; after that it is never sent. */
  readonly requestPatience: number;
  /** How long opening may take, authentication included. */
  readonly connectTimeout: number;
  /** How long not one byte may arrive while answers are awaited. */
  readonly silenceLimit: number;
  /** Bytes of the largest body that an answer may have. */
  readonly largestAnswer: number;
  /** The number of the first request, unsigned 32-bit. */
  readonly firstOpaque: number;
}

/** Who waits for the answer to a request. */
export interface Asker {
  /**
   * Takes an answer.
   *
   * @param left - how many commands of the request come after the one that is answered: 0 for the last.
   * @returns whether it was the last answer.
   */
  receive(answer: Answer, left: number): boolean;
  fail(error: Error): void;
}

/** Who is told of what happens to a channel. */
export interface ChannelListener {
  /** Requests left the channel: they were sent, or they never will be. */
  onWrite(): void;
  /** The channel has ended, however it did; told once, at once. */
  onEnd(): void;
}

/** A request whose answer is awaited. */
interface Request extends Asked {
  readonly asker: Asker;
  quiet: number;
}

/** A request that is still here. */
interface UnsentRequest extends Request {
  readonly bytes: Buffer;
  /** Ends the time for which it waits for the channel to open. */
  stopWaiting: CancelTimer;
}

/**
 * One socket from its opening to its end, with all that belongs to it: what it has read, and who waits for its answers.
 * When it ends, everybody who waits fails at once, and nothing of it is left for the next one.
 *
 * The server answers in the order in which it was asked. Every answer is checked against the oldest request; one that
 * does not belong to it ends the channel, as nothing that follows could be trusted either. Requests that nobody waits for
 * any more stay in the row, so that their answers are read and dropped.
 */
export class Channel {
  readonly #settings: ChannelSettings;
  readonly #listener: ChannelListener;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #unsent = new Set<UnsentRequest>();
  readonly #sent = new Queue<Request>();
  readonly #silence: SilenceWatch;
  readonly #cancelConnectTimer: CancelTimer;
  #state: 'opening' | 'open' | 'ended' = 'opening';
  #flushIsDue = false;
  #isLeaving = false;
  #nextOpaque: number;

  constructor(settings: ChannelSettings, listener: ChannelListener) {
    const { clock, connectTimeout, silenceLimit } = settings;
    this.#settings = settings;
    this.#listener = listener;
    this.#nextOpaque = settings.firstOpaque;
    this.#socket = this.#openSocket();
    this.#silence = new SilenceWatch(clock, silenceLimit, () => {
      this.#lose(`nothing came from the server for ${silenceLimit} ms, though it was asked`);
    });
    const giveUp = (): void => this.#lose(`it did not open within ${connectTimeout} ms`);
    this.#cancelConnectTimer = setPatientTimer(clock, giveUp, connectTimeout);
  }

  /** Sends a command once the channel is open, together with all others of this turn of the event loop. */
  send(command: Command, asker: Asker): void {
    this.#add(this.#request(command, asker));
  }

  /**
   * Sends GETs in one piece, likewise. Each item that is there is an answer; that of the last key is one in any case.
   *
   * @param keys - at least one.
   */
  sendGets(keys: readonly string[], asker: Asker): void {
    const first = this.#nextOpaque;
    const bytes = getsBytes(keys, first);
    this.#nextOpaque = numberAfter(first, keys.length);
    const quiet = keys.length - 1;
    this.#add({ opcode: opcodes.get, opaque: numberAfter(first, quiet), quiet, asker, bytes, stopWaiting: () => {} });
  }

  #add(request: UnsentRequest): void {
    this.#unsent.add(request);
    if (this.#state === 'open') this.#flushSoon();
    else this.#limitWaiting(request);
  }

  /** Ends the channel as soon as everybody who waits has an answer. Nothing may be sent any more. */
  leave(): void {
    this.#isLeaving = true;
    this.#endIfNobodyWaits();
  }

  /** Ends the channel now; everybody who waits fails with `error`. Does nothing once it has ended. */
  end(error: Error): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelConnectTimer();
    this.#silence.stop();
    this.#socket.destroy();
    this.#listener.onWrite();
    this.#listener.onEnd();
    for (const { asker } of this.#sent.removeAll()) asker.fail(error);
    for (const request of this.#unsent) {
      request.stopWaiting();
      request.asker.fail(error);
    }
    this.#unsent.clear();
  }

  #openSocket(): Socket {
    const { address } = this.#settings;
    const socket = connect(
      'path' in address ? { path: address.path } : { host: address.host, port: address.port, noDelay: true },
    );
    socket.on('connect', () => this.#onConnect());
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#lose('the server closed it'));
    socket.on('error', (error) => this.#lose(reasonOf(error), error));
    socket.on('close', () => this.#lose('it was closed'));
    return socket;
  }

  #onConnect(): void {
    // Until here the attempt itself keeps the process alive, for as long as opening may take.
    this.#socket.unref();
    const { username, password } = this.#settings.address;
    if (username === undefined && password === undefined) this.#open();
    else this.#authenticate();
  }

  #authenticate(): void {
    const asker: Asker = {
      receive: (answer) => {
        if (answer.status === statuses.done) this.#open();
        else this.#refused(answer);
        return true;
      },
      fail: () => {},
    };
    this.#write(this.#request(plainAuthentication(this.#settings.address), asker));
  }

  #refused(answer: Answer): void {
    const { address, name } = this.#settings;
    this.end(new AuthenticationRefusedError(name, address.username, meaningOf(answer)));
  }

  #open(): void {
    this.#state = 'open';
    this.#cancelConnectTimer();
    this.#flush();
  }

  /** The bytes are made here, so that what cannot be sent fails at whoever asks for it. */
  #request(command: Command, asker: Asker): UnsentRequest {
    const opaque = this.#nextOpaque;
    const bytes = requestBytes(command, opaque);
    this.#nextOpaque = numberAfter(opaque, 1);
    return { opcode: command.opcode, opaque, quiet: 0, asker, bytes, stopWaiting: () => {} };
  }

  /** Whoever asked has given up when that time is over, and a write that was given up must not happen later. */
  #limitWaiting(request: UnsentRequest): void {
    const { clock, name, requestPatience } = this.#settings;
    const drop = (): void => {
      this.#unsent.delete(request);
      this.#listener.onWrite();
      request.asker.fail(new RequestNotSentError(name, requestPatience));
      this.#endIfNobodyWaits();
    };
    request.stopWaiting = setPatientTimer(clock, drop, requestPatience);
  }

  /** What is asked for in one turn of the event loop shares a write. */
  #flushSoon(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    atEndOfTurn(() => this.#flush());
  }

  #flush(): void {
    this.#flushIsDue = false;
    if (this.#state !== 'open') return;
    // A new set: V8 chains what a set held before it was cleared to the set itself, and copies it from collection to collection.
    const unsent = this.#unsent;
    this.#unsent = new Set();
    this.#socket.cork();
    for (const request of unsent) {
      request.stopWaiting();
      this.#write(request);
    }
    this.#socket.uncork();
    this.#listener.onWrite();
  }

  #write({ opcode, opaque, quiet, asker, bytes }: UnsentRequest): void {
    this.#sent.add({ opcode, opaque, quiet, asker });
    this.#silence.begin();
    this.#socket.write(bytes);
  }

  #onData(chunk: Buffer): void {
    this.#reader.add(chunk);
    this.#deliverAnswers();
    this.#silence.stop();
    if (this.#sent.size > 0) this.#silence.begin();
    this.#endIfNobodyWaits();
  }

  #deliverAnswers(): void {
    for (let header = this.#reader.header(); header !== undefined; header = this.#reader.header()) {
      const violation = violationIn(header, this.#sent.oldest, this.#settings.largestAnswer);
      if (violation !== undefined) return this.end(new ProtocolViolationError(this.#settings.name, violation));
      const answer = this.#reader.answer();
      if (answer === undefined) return;
      // The server hangs up after that, and says it to the first only.
      if (answer.status === statuses.unauthenticated) return this.#refused(answer);
      this.#deliver(answer, header);
    }
  }

  /** Hands an answer to who asked for it. */
  #deliver(answer: Answer, header: AnswerHeader): void {
    const request = this.#sent.oldest!;
    const left = commandsLeftAfter(header, request);
    // What comes before a command that has been answered was passed over in silence.
    request.quiet = Math.max(0, left - 1);
    if (request.asker.receive(answer, left)) this.#sent.removeOldest();
  }

  #endIfNobodyWaits(): void {
    if (!this.#isLeaving || this.#unsent.size + this.#sent.size > 0) return;
    this.end(new ConnectionLostError(this.#settings.name, 'it was closed'));
  }

  #lose(what: string, cause?: Error): void {
    this.end(new ConnectionLostError(this.#settings.name, what, cause === undefined ? {} : { cause }));
  }
}

/** Unsigned, as it is in the header: after the largest number comes 0. */
function numberAfter(opaque: number, count: number): number {
  return (opaque + count) >>> 0;
}

/** A connection that was tried to several addresses fails with an error that says nothing itself. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each) => (each as Error).message).join(', ');
  return error.message;
}
