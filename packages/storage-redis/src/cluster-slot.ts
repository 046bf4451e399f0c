import { Buffer } from 'node:buffer';
import type { RedisKey } from './redis-client.js';

/** How many slots a cluster has. */
export const slotCount = 16_384;
const [openingBrace, closingBrace] = [0x7b, 0x7d];

/** The slot of a Redis Cluster in which `key` lies: CRC16 of the key or of its hash tag (Redis Cluster Specification). */
export function slotOf(key: RedisKey): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return crc16(hashTagOf(bytes)) % slotCount;
}

/** What stands between the first opening brace and the next closing one, if anything does. */
function hashTagOf(bytes: Buffer): Buffer {
  const opened = bytes.indexOf(openingBrace);
  const closed = opened < 0 ? -1 : bytes.indexOf(closingBrace, opened);
  return closed > opened + 1 ? bytes.subarray(opened + 1, closed) : bytes;
}

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0. */
function crc16(bytes: Uint8Array): number {
  let remainder = 0;
  for (const byte of bytes) remainder = ((remainder << 8) & 0xffff) ^ crcOfByte[(remainder >> 8) ^ byte]!;
  return remainder;
}

const crcOfByte = Uint16Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 8;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder & 0x8000 ? 0x1021 : 0);
  return remainder;
});
