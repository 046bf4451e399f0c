import { MemoError } from '@memo/core';
import { describe, expect, it } from 'vitest';
import {
  AuthenticationRefusedError,
  ClientClosedError,
  ConnectionLostError,
  ContendedItemError,
  ItemsWithoutNumbersError,
  ProtocolViolationError,
  RequestNotSentError,
  ServerReplyError,
} from '../src/errors.js';

const server = 'localhost:11211';

describe('errors', () => {
  it.each<[MemoError, string, string, Readonly<Record<string, unknown>>]>([
    [
      new ConnectionLostError(server, 'the server closed it'),
      'CONNECTION_LOST',
      'The connection to the memcached server localhost:11211 was lost: the server closed it. ' +
        'The next request opens a new one.',
      { server, what: 'the server closed it' },
    ],
    [
      new RequestNotSentError(server, 500),
      'REQUEST_NOT_SENT',
      'The connection to the memcached server localhost:11211 did not open within the 500 ms that a request waits for ' +
        'it, so the request was not sent. See whether the server can be reached, or give the storage a longer deadline.',
      { server, patience: 500 },
    ],
    [
      new ClientClosedError(server),
      'CLIENT_CLOSED',
      'The client of the memcached server localhost:11211 was closed. Make a new storage to reach the server again.',
      { server },
    ],
    [
      new ItemsWithoutNumbersError(server, 'set'),
      'ITEMS_WITHOUT_NUMBERS',
      'The memcached server localhost:11211 gives items no CAS numbers, so that set could overwrite what others wrote ' +
        'meanwhile; it was not done. Start the server without -C (--disable-cas).',
      { server, command: 'set' },
    ],
    [
      new ServerReplyError(server, 'set', 3, 'Value too large'),
      'SERVER_REPLY',
      'The memcached server localhost:11211 refused set with status 3: Value too large.',
      { server, command: 'set', status: 3, text: 'Value too large' },
    ],
    [
      new AuthenticationRefusedError(server, 'alice', 'Auth failure'),
      'AUTHENTICATION_REFUSED',
      'The memcached server localhost:11211 does not let in the user "alice": Auth failure. ' +
        'Check username and password, and that the server was started with SASL (-S) and the mechanism PLAIN.',
      { server, username: 'alice', text: 'Auth failure' },
    ],
    [
      new AuthenticationRefusedError(server, undefined, 'Auth failure'),
      'AUTHENTICATION_REFUSED',
      'The memcached server localhost:11211 does not let in a client without a name: Auth failure. ' +
        'Give its address a username and a password.',
      { server, username: undefined, text: 'Auth failure' },
    ],
    [
      new ProtocolViolationError(server, 'an answer came that nobody had asked for'),
      'PROTOCOL_VIOLATION',
      'The memcached server localhost:11211 broke the protocol: an answer came that nobody had asked for. ' +
        'The connection was broken off. See whether it is a memcached server that speaks the binary protocol, ' +
        'and what lies between.',
      { server, what: 'an answer came that nobody had asked for' },
    ],
    [
      new ContendedItemError(20),
      'CONTENDED_ITEM',
      'An item was changed by others each of the 20 times that it was to be written, so it was left as it is. ' +
        'Try again later.',
      { attempts: 20 },
    ],
  ])('%s', (error, code, message, context) => {
    expect({ code: error.code, message: error.message, context: error.context }).toEqual({ code, message, context });
    expect(error.name).toBe(error.constructor.name);
    expect(MemoError.isInstance(error)).toBe(true);
  });

  it('tell their cause and their status', () => {
    const cause = new Error('read ECONNRESET');
    expect(new ConnectionLostError(server, cause.message, { cause }).cause).toBe(cause);
    expect(new ServerReplyError(server, 'get', 0x82, 'Out of memory').status).toBe(0x82);
  });

  it('are told apart', () => {
    const error: unknown = new ServerReplyError(server, 'set', 3, 'Value too large');
    expect(ServerReplyError.isInstance(error)).toBe(true);
    expect(ConnectionLostError.isInstance(error)).toBe(false);
  });
});
