import { Buffer } from 'node:buffer';
import { answerOf, headerLength, readHeader, type Answer, type AnswerHeader } from './binary-protocol.js';

/**
 * Makes answers of the chunks that one connection delivers. An answer within one chunk is not copied; of one that comes
 * in many, every byte is copied once, when the last has arrived.
 */
export class AnswerReader {
  /** What belongs to no answer that was handed out. */
  #chunks: Buffer[] = [];
  /** Where the next answer begins in the first of them. */
  #start = 0;
  /** How many bytes there are from there. */
  #length = 0;
  #header: AnswerHeader | undefined;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The header of the next answer; `undefined` until it has arrived. */
  header(): AnswerHeader | undefined {
    if (this.#header === undefined && this.#length >= headerLength) this.#header = this.#readHeader();
    return this.#header;
  }

  /** The next answer; `undefined` until all of it has arrived. */
  answer(): Answer | undefined {
    const header = this.header();
    if (header === undefined) return undefined;
    const length = headerLength + header.totalBodyLength;
    if (this.#length < length) return undefined;
    this.#header = undefined;
    return this.#isInFirst(length) ? this.#answerInFirst(header, length) : answerOf(header, this.#takeOut(length), 0);
  }

  #readHeader(): AnswerHeader {
    return this.#isInFirst(headerLength)
      ? readHeader(this.#chunks[0]!, this.#start)
      : readHeader(Buffer.concat([this.#chunks[0]!.subarray(this.#start), ...this.#chunks.slice(1)], headerLength));
  }

  #isInFirst(length: number): boolean {
    return this.#start + length <= this.#chunks[0]!.length;
  }

  #answerInFirst(header: AnswerHeader, length: number): Answer {
    const [chunk] = this.#chunks as [Buffer];
    const answer = answerOf(header, chunk, this.#start);
    this.#start += length;
    this.#length -= length;
    if (this.#start === chunk.length) this.#dropFirst(1, 0);
    return answer;
  }

  /** The first `length` bytes, which are in several chunks, in one. */
  #takeOut(length: number): Buffer {
    this.#chunks[0] = this.#chunks[0]!.subarray(this.#start);
    const whole = Buffer.concat(this.#chunks, length);
    let count = 0;
    let left = length;
    while (left > 0 && left >= this.#chunks[count]!.length) left -= this.#chunks[count++]!.length;
    this.#length -= length;
    this.#dropFirst(count, left);
    return whole;
  }

  /** What is left begins at `start` of the chunk after the first `count`. */
  #dropFirst(count: number, start: number): void {
    this.#chunks.splice(0, count);
    this.#start = start;
  }
}
