import { MemoError } from '@memo/core';

/*
 * Every error class and message of this package. A message says which server, what happened, and what to do. `code` is
 * stable text for programs, `context` the facts of the message as data.
 */

/** The connection to a server could not be opened or ended: every request that waited for an answer fails with it. */
export class ConnectionLostError extends MemoError {
  static override readonly kind: string = 'ConnectionLostError';

  /**
   * @param server - its name, such as `localhost:11211`.
   * @param what - what happened, as in "lost: …".
   */
  constructor(server: string, what: string, details: { readonly cause?: unknown } = {}) {
    super(
      'CONNECTION_LOST',
      `The connection to the memcached server ${server} was lost: ${what}. The next request opens a new one.`,
      { ...details, context: { server, what } },
    );
  }
}

/** A request waited too long for the connection to open. It was not sent and is not sent later. */
export class RequestNotSentError extends MemoError {
  static override readonly kind: string = 'RequestNotSentError';

  /** @param patience - how long requests wait, in milliseconds. */
  constructor(server: string, patience: number) {
    super(
      'REQUEST_NOT_SENT',
      `The connection to the memcached server ${server} did not open within the ${patience} ms that a request waits ` +
        `for it, so the request was not sent. See whether the server can be reached, or give the storage a longer deadline.`,
      { context: { server, patience } },
    );
  }
}

/** A client was closed for good; it sends nothing any more. */
export class ClientClosedError extends MemoError {
  static override readonly kind: string = 'ClientClosedError';

  constructor(server: string) {
    super(
      'CLIENT_CLOSED',
      `The client of the memcached server ${server} was closed. Make a new storage to reach the server again.`,
      { context: { server } },
    );
  }
}

/** A server answered a command with an error: it is there, and says why it did not do what was asked. */
export class ServerReplyError extends MemoError {
  static override readonly kind: string = 'ServerReplyError';
  /** The status of the binary protocol, such as 3 for a value that is too large. */
  readonly status: number;

  /**
   * @param command - such as `set`.
   * @param text - what the status means.
   */
  constructor(server: string, command: string, status: number, text: string) {
    super('SERVER_REPLY', `The memcached server ${server} refused ${command} with status ${status}: ${text}.`, {
      context: { server, command, status, text },
    });
    this.status = status;
  }
}

/** A server does not let this client in: wrong name or password, none where it asks for them, or no SASL at all. */
export class AuthenticationRefusedError extends MemoError {
  static override readonly kind: string = 'AuthenticationRefusedError';

  /** @param username - the name that was given, if one was. */
  constructor(server: string, username: string | undefined, text: string) {
    const who = username === undefined ? 'a client without a name' : `the user ${JSON.stringify(username)}`;
    const advice =
      username === undefined
        ? 'Give its address a username and a password.'
        : 'Check username and password, and that the server was started with SASL (-S) and the mechanism PLAIN.';
    super('AUTHENTICATION_REFUSED', `The memcached server ${server} does not let in ${who}: ${text}. ${advice}`, {
      context: { server, username, text },
    });
  }
}

/** A server gives its items no numbers, so that nothing can be changed only as long as it is what was read. */
export class ItemsWithoutNumbersError extends MemoError {
  static override readonly kind: string = 'ItemsWithoutNumbersError';

  /** @param command - what was to be done under that condition, such as `set`. */
  constructor(server: string, command: string) {
    super(
      'ITEMS_WITHOUT_NUMBERS',
      `The memcached server ${server} gives items no CAS numbers, so that ${command} could overwrite what others wrote ` +
        `meanwhile; it was not done. Start the server without -C (--disable-cas).`,
      { context: { server, command } },
    );
  }
}

/** What came from a server is not what its protocol allows. The connection was broken off, nothing of it was used. */
export class ProtocolViolationError extends MemoError {
  static override readonly kind: string = 'ProtocolViolationError';

  /** @param what - what came, and what was expected. */
  constructor(server: string, what: string) {
    super(
      'PROTOCOL_VIOLATION',
      `The memcached server ${server} broke the protocol: ${what}. The connection was broken off. ` +
        `See whether it is a memcached server that speaks the binary protocol, and what lies between.`,
      { context: { server, what } },
    );
  }
}

/** Other processes have written an item again and again, each time between reading and writing it here. */
export class ContendedItemError extends MemoError {
  static override readonly kind: string = 'ContendedItemError';

  /** @param attempts - how often it was tried. */
  constructor(attempts: number) {
    super(
      'CONTENDED_ITEM',
      `An item was changed by others each of the ${attempts} times that it was to be written, so it was left as it is. ` +
        `Try again later.`,
      { context: { attempts } },
    );
  }
}
