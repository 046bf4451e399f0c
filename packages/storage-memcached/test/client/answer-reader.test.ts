import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { AnswerReader } from '../../src/client/answer-reader.js';
import type { Answer } from '../../src/client/binary-protocol.js';
import { answerBytes } from './support/answer-bytes.js';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const parts = fc.record({
  opcode: fc.nat(255),
  status: fc.nat(0xffff),
  opaque: fc.nat(0xffffffff),
  extras: bytes,
  key: fc.string({ maxLength: 20 }),
  value: bytes,
  cas: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((array) => Buffer.from(array)),
});

/** `whole` in pieces of these lengths, over and over again. */
function piecesOf(whole: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0, index = 0; start < whole.length; index++) {
    const end = Math.min(whole.length, start + lengths[index % lengths.length]!);
    // Each in memory of its own, as it comes from a socket.
    pieces.push(Buffer.from(whole.subarray(start, end)));
    start = end;
  }
  return pieces;
}

function readAll(reader: AnswerReader): Answer[] {
  const answers: Answer[] = [];
  for (let answer = reader.answer(); answer !== undefined; answer = reader.answer()) answers.push(answer);
  return answers;
}

describe('AnswerReader', () => {
  it('reads the same answers, in whatever pieces they arrive', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), lengths, (written, pieceLengths) => {
        const reader = new AnswerReader();
        const read: Answer[] = [];
        for (const piece of piecesOf(Buffer.concat(written.map(answerBytes)), pieceLengths)) {
          reader.add(piece);
          read.push(...readAll(reader));
        }
        const expected = written.map(({ status, key, value, cas }) => ({ status, key: Buffer.from(key), value, cas }));
        expect(read.map(({ status, key, value, cas }) => ({ status, key, value, cas }))).toEqual(expected);
      }),
    );
  });

  it('tells the header before the body has arrived', () => {
    const reader = new AnswerReader();
    const whole = answerBytes({ opcode: 4, opaque: 7, value: 'value' });
    reader.add(whole.subarray(0, 23));
    expect(reader.header()).toBeUndefined();
    reader.add(whole.subarray(23, 25));
    expect(reader.header()).toMatchObject({ opcode: 4, opaque: 7, totalBodyLength: 5 });
    expect(reader.answer()).toBeUndefined();
    reader.add(whole.subarray(25));
    expect(reader.answer()?.value.toString()).toBe('value');
    expect(reader.header()).toBeUndefined();
  });

  it('does not copy answers that arrive in one piece', () => {
    const chunk = Buffer.concat(['a', 'b', 'c'].map((value) => answerBytes({ value })));
    const reader = new AnswerReader();
    reader.add(chunk);
    const answers = readAll(reader);
    expect(answers.map(({ value }) => value.toString())).toEqual(['a', 'b', 'c']);
    for (const { value } of answers) expect(value.buffer).toBe(chunk.buffer);
  });

  it('joins an answer of many pieces once, when the last has arrived', () => {
    const joined = vi.spyOn(Buffer, 'concat');
    const reader = new AnswerReader();
    const [first, second] = [answerBytes({ value: Buffer.alloc(1_000_000, 1) }), answerBytes({ value: 'small' })];
    const pieces = piecesOf(Buffer.concat([first, second]), [65_536]);
    joined.mockClear();
    const answers = pieces.flatMap((piece) => {
      reader.add(piece);
      return readAll(reader);
    });
    expect(joined.mock.calls.map(([, length]) => length)).toEqual([first.length]);
    expect(answers.map(({ value }) => value.length)).toEqual([1_000_000, 5]);
    joined.mockRestore();
  });
});
