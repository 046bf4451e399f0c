import { describe, expect, it } from 'vitest';
import {
  meaningOf,
  readHeader,
  requestBytes,
  violationIn,
  type Answer,
  type Asked,
} from '../../src/client/binary-protocol.js';
import { answerBytes, type AnswerParts } from './support/answer-bytes.js';

describe('a request', () => {
  it('is laid out as the protocol says', () => {
    const bytes = requestBytes(
      {
        opcode: 0x01,
        key: 'Hello',
        extras: Buffer.from('deadbeef00001c20', 'hex'),
        value: Buffer.from('World'),
        cas: Buffer.from('0000000000000102', 'hex'),
      },
      0xfffffffe,
    );
    expect(bytes.toString('hex')).toBe(
      [
        '8001' + '0005' + '08' + '00' + '0000',
        '00000012',
        'fffffffe',
        '0000000000000102',
        'deadbeef' + '00001c20',
        Buffer.from('HelloWorld').toString('hex'),
      ].join(''),
    );
  });

  it('carries the part of memory that an array of bytes views, and nothing beside it', () => {
    const value = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3);
    const bytes = requestBytes({ opcode: 0x01, key: Buffer.of(0xff), value }, 0);
    expect(bytes.subarray(24)).toEqual(Buffer.of(0xff, 2, 3));
  });
});

describe('what is wrong with an answer', () => {
  const violation = (parts: AnswerParts, asked: Asked = { opcode: 0, opaque: 5, quiet: 0 }) =>
    violationIn(readHeader(answerBytes({ opcode: 0, opaque: 5, ...parts }).subarray(0, 24)), asked, 1_000);

  it.each<[string | undefined, AnswerParts]>([
    [undefined, { key: 'key', extras: Buffer.alloc(4), value: 'value' }],
    [undefined, { bodyLength: 1_000 }],
    ['an answer of 1001 bytes was announced, more than 1000', { bodyLength: 1_001 }],
    ['the command 0x01 was answered instead of 0x00', { opcode: 1 }],
    ['the request 6 was answered instead of 5', { opaque: 6 }],
    [
      'extras of 4 and a key of 3 bytes were announced in 6 bytes',
      { key: 'key', extras: Buffer.alloc(4), bodyLength: 6 },
    ],
  ])('%s', (expected, parts) => {
    expect(violation(parts)).toBe(expected);
  });

  it.each<[string | undefined, AnswerParts]>([
    [undefined, { opcode: 0x09, opaque: 2 ** 32 - 1 }],
    [undefined, { opcode: 0x09, opaque: 0 }],
    [undefined, { opcode: 0x0a, opaque: 1 }],
    ['the request 4294967294 was answered instead of 1', { opcode: 0x09, opaque: 2 ** 32 - 2 }],
    ['the request 2 was answered instead of 1', { opcode: 0x09, opaque: 2 }],
    ['the command 0x09 was answered instead of 0x0a', { opcode: 0x09, opaque: 1 }],
    ['the command 0x0a was answered instead of 0x09', { opcode: 0x0a, opaque: 0 }],
    ['the command 0x00 was answered instead of 0x09', { opcode: 0x00, opaque: 0 }],
  ])('to quiet GETs and what follows them: %s', (expected, parts) => {
    expect(violation(parts, { opcode: 0x0a, opaque: 1, quiet: 2 })).toBe(expected);
  });

  it('shows what a server says in words', () => {
    const said = Buffer.from('ERROR Too many open connections\r\n');
    expect(violationIn(readHeader(said.subarray(0, 24)), { opcode: 0, opaque: 0, quiet: 0 }, 1_000)).toBe(
      'an answer began with "ERROR Too many open conn" instead of the byte 0x81',
    );
  });

  it('nobody had asked for it', () => {
    expect(violationIn(readHeader(answerBytes({})), undefined, 1_000)).toBe('an answer came that nobody had asked for');
  });
});

describe('what a status means', () => {
  const answer = (status: number, value = ''): Answer => ({
    status,
    key: Buffer.alloc(0),
    value: Buffer.from(value),
    cas: Buffer.alloc(8),
  });

  it.each([
    ['Value too large', answer(3, 'Too large.')],
    ['Auth failure', answer(0x20, 'Auth failure.')],
    ['it did not say why', answer(0x7777)],
    ['x'.repeat(200), answer(0x7777, 'x'.repeat(300))],
  ])('%s', (meaning, given) => {
    expect(meaningOf(given)).toBe(meaning);
  });
});
