/** What an answer of a server is made of; what is left out is empty or 0. */
export interface AnswerParts {
  readonly magic?: number;
  readonly opcode?: number;
  readonly status?: number;
  readonly opaque?: number;
  readonly extras?: Buffer;
  readonly key?: string;
  readonly value?: Buffer | string;
  readonly cas?: Buffer;
  /** Announced instead of the true length. */
  readonly bodyLength?: number;
}

/** An answer as a server sends it. */
export function answerBytes(parts: AnswerParts): Buffer {
  const extras = parts.extras ?? Buffer.alloc(0);
  const key = Buffer.from(parts.key ?? '');
  const value = Buffer.from(parts.value ?? '');
  const header = Buffer.alloc(24);
  header.writeUInt8(parts.magic ?? 0x81, 0);
  header.writeUInt8(parts.opcode ?? 0, 1);
  header.writeUInt16BE(key.length, 2);
  header.writeUInt8(extras.length, 4);
  header.writeUInt16BE(parts.status ?? 0, 6);
  header.writeUInt32BE(parts.bodyLength ?? extras.length + key.length + value.length, 8);
  header.writeUInt32BE(parts.opaque ?? 0, 12);
  parts.cas?.copy(header, 16);
  return Buffer.concat([header, extras, key, value]);
}
