import { Buffer } from 'node:buffer';
import { answerOf, headerLength, readHeader, type Answer, type AnswerHeader } from './binary-protocol.js';

/**
 * Makes answers of the chunks that one connection delivers. An answer within one chunk is not copied; of one that comes
 * in many, every byte is copied once, when the last has arrived.
 */
export class AnswerReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #header: AnswerHeader | undefined;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The header of the next answer; `undefined` until it has arrived. */
  header(): AnswerHeader | undefined {
    if (this.#header === undefined && this.#length >= headerLength) this.#header = readHeader(this.#take(headerLength));
    return this.#header;
  }

  /** The next answer; `undefined` until all of it has arrived. */
  answer(): Answer | undefined {
    const header = this.header();
    if (header === undefined || this.#length < header.totalBodyLength) return undefined;
    this.#header = undefined;
    return answerOf(header, this.#take(header.totalBodyLength));
  }

  /** The first `length` bytes, which are there, and are gone from here then. */
  #take(length: number): Buffer {
    this.#length -= length;
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    return this.#takeChunks(length);
  }

  #takeChunks(length: number): Buffer {
    let count = 0;
    let taken = 0;
    while (taken < length) taken += this.#chunks[count++]!.length;
    const chunks = this.#chunks.splice(0, count);
    const last = chunks.at(-1);
    if (last !== undefined && taken > length) this.#chunks.unshift(last.subarray(last.length - (taken - length)));
    return chunks.length === 1 && taken === length ? chunks[0]! : Buffer.concat(chunks, length);
  }
}
