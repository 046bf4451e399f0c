/** Bytes that nobody wrote as an entry, with the names by which a failing clause calls them. */
export function garbage(): readonly (readonly [name: string, data: Uint8Array])[] {
  const encoder = new TextEncoder();
  return [
    ['nothing', new Uint8Array()],
    ['a zero', new Uint8Array([0])],
    ['zeros', new Uint8Array(64)],
    ['ones', new Uint8Array(64).fill(0xff)],
    ['text', encoder.encode('no entry')],
    ['a number in JSON', encoder.encode('1')],
    ['null in JSON', encoder.encode('null')],
    ['an empty object in JSON', encoder.encode('{}')],
    ['an empty array in JSON', encoder.encode('[]')],
    ['an empty map in MessagePack', new Uint8Array([0x80])],
    ['the beginning of a gzip stream', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])],
    ['noise', randomBytes(100)],
    ['more noise', randomBytes(10_000)],
  ];
}

/** Bytes that look random and are the same each time. */
export function randomBytes(length: number): Uint8Array {
  let seed = length + 1;
  return Uint8Array.from({ length }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed >>> 8;
  });
}
