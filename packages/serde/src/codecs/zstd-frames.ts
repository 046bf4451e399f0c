import { OutputTooLargeError, UnreadableBytesError } from '../errors.js';

/** One frame of a stream of Zstandard (RFC 8878, section 3.1.1), as far as it shows without being decoded. */
export interface ZstdFrame {
  /** The whole frame. */
  readonly bytes: Uint8Array;
  /** How many bytes it says that it holds, if it says so. */
  readonly contentSize: number | undefined;
  /** More bytes than this its blocks cannot give. */
  readonly mostBytes: number;
}

/** What decoding a frame may cost. */
export interface ZstdLimits {
  /** Most bytes that all frames together may give. */
  readonly maxOutputLength: number;
  /** Most bytes of what came before that a frame may ask its decoder to remember. */
  readonly mostWindow: number;
}

const frameMagic = 0xfd2f_b528;
const skippableMagic = 0x184d_2a50;
const longestBlock = 128 * 1024;
/** Frames cost a call of the decoder each, and may be nine bytes long. 64 MiB of them hold 64 KiB each. */
const mostFrames = 1024;

/**
 * The frames that bytes consist of, without the skippable ones. Decoders differ in what they make of several frames, of
 * cut ones, and of what follows: Node's reads the first and forgets about the others, and that of Node 22 takes half a frame
 * for a whole one. So this is decided here, for all of them.
 *
 * @throws UnreadableBytesError
 */
export function zstdFramesOf(data: Uint8Array, limits: ZstdLimits): readonly ZstdFrame[] {
  const reader = new Reader(data);
  const frames: ZstdFrame[] = [];
  let length = 0;
  do {
    const frame = nextFrame(reader, limits);
    if (frame === undefined) continue;
    frames.push(frame);
    length += frame.contentSize ?? 0;
    if (length > limits.maxOutputLength) throw new OutputTooLargeError('zstd', limits.maxOutputLength);
    if (frames.length > mostFrames) throw unreadable('too large', `they are more than ${mostFrames} frames`);
  } while (reader.at < data.length);
  return frames;
}

/** The frame that begins here; `undefined` for one to be skipped. */
function nextFrame(reader: Reader, { mostWindow }: ZstdLimits): ZstdFrame | undefined {
  const start = reader.at;
  const magic = reader.number(4);
  if ((magic & 0xffff_fff0) === skippableMagic) {
    reader.skip(reader.number(4));
    return undefined;
  }
  if (magic !== frameMagic) throw unreadable('foreign', `no frame begins at ${start}`);
  const { window, contentSize, hasChecksum } = headerOf(reader);
  if (window > mostWindow) {
    throw unreadable('too large', `a frame asks for a window of ${window} bytes, more than ${mostWindow}`);
  }
  const mostBytes = skipBlocks(reader, Math.min(window, longestBlock));
  if (hasChecksum) reader.skip(4);
  if (contentSize !== undefined && contentSize > mostBytes) {
    throw unreadable('damaged', `a frame of at most ${mostBytes} bytes says that it holds ${contentSize}`);
  }
  return { bytes: reader.from(start), contentSize, mostBytes };
}

interface Header {
  readonly window: number;
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

/** RFC 8878, section 3.1.1.1. */
function headerOf(reader: Reader): Header {
  const descriptor = reader.number(1);
  if ((descriptor & 0b1000) !== 0) throw unreadable('newer', 'a frame uses what the format reserves');
  const isSingleSegment = (descriptor & 0b10_0000) !== 0;
  const window = isSingleSegment ? undefined : windowOf(reader.number(1));
  const dictionary = reader.number([0, 1, 2, 4][descriptor & 0b11]!);
  if (dictionary !== 0) throw unreadable('mismatch', `a frame needs the dictionary ${dictionary}`);
  const sizeLength = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const size = reader.number(sizeLength) + (sizeLength === 2 ? 256 : 0);
  const contentSize = sizeLength === 0 ? undefined : size;
  return { window: window ?? size, contentSize, hasChecksum: (descriptor & 0b100) !== 0 };
}

/** RFC 8878, section 3.1.1.1.2. */
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 0b111);
}

/** Goes past the blocks of a frame (RFC 8878, section 3.1.1.2), and says how many bytes they may give. */
function skipBlocks(reader: Reader, mostOfBlock: number): number {
  for (let mostBytes = 0; ;) {
    const header = reader.blockHeader();
    const size = header >> 3;
    const type = (header >> 1) & 0b11;
    if (type === 3) throw unreadable('newer', 'a block uses what the format reserves');
    const isRepeatedByte = type === 1;
    reader.skip(isRepeatedByte ? 1 : size);
    const isCompressed = type === 2;
    if (size > mostOfBlock) throw unreadable('damaged', `a block of ${size} bytes is larger than its window`);
    mostBytes += isCompressed ? mostOfBlock : size;
    if ((header & 1) !== 0) return mostBytes;
  }
}

function unreadable(reason: UnreadableBytesError['reason'], why: string): UnreadableBytesError {
  return new UnreadableBytesError('zstd', reason, why);
}

/** Bytes read from the beginning to the end. */
class Reader {
  at = 0;
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** A number of so many bytes, the lowest first; beyond 2^53 it is near. */
  number(length: number): number {
    this.skip(length);
    let number = 0;
    for (let index = this.at - 1; index >= this.at - length; index--) number = number * 256 + this.#data[index]!;
    return number;
  }

  /** A number of three bytes; there may be millions of them. */
  blockHeader(): number {
    const start = this.at;
    this.skip(3);
    return this.#data[start]! | (this.#data[start + 1]! << 8) | (this.#data[start + 2]! << 16);
  }

  skip(length: number): void {
    if (length > this.#data.length - this.at) throw unreadable('length', 'they end too early');
    this.at += length;
  }

  from(start: number): Uint8Array {
    return this.#data.subarray(start, this.at);
  }
}
