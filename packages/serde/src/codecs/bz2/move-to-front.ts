/**
 * Move-to-front coding (Jon Bentley, Daniel Sleator, Robert Tarjan, Victor Wei: "A locally adaptive data compression scheme",
 * Communications of the ACM 29, 1986): every byte becomes its place in a list of all bytes in use, and then moves to the
 * front of it. Where few bytes take turns, as in a transformed block, the places are small, and repeated bytes are zeros.
 */

/** The bytes in use, from the smallest to the largest: the list at the beginning. */
export function bytesInUse(bytes: Uint8Array): Uint8Array {
  const isUsed = new Uint8Array(256);
  for (const byte of bytes) isUsed[byte] = 1;
  return Uint8Array.from(isUsed.keys()).filter((byte) => isUsed[byte] === 1);
}

/** The place of each byte. */
export function placesOf(bytes: Uint8Array, inUse: Uint8Array): Uint8Array {
  const list = inUse.slice();
  const places = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    let moved = list[0]!;
    if (moved === byte) continue;
    let place = 0;
    do {
      place += 1;
      const next = list[place]!;
      list[place] = moved;
      moved = next;
    } while (moved !== byte);
    list[0] = byte;
    places[at] = place;
  }
  return places;
}

/** The byte at each place; places are smaller than the number of bytes in use. */
export function bytesAt(places: Uint8Array, inUse: Uint8Array): Uint8Array {
  const list = inUse.slice();
  const bytes = new Uint8Array(places.length);
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!;
    const byte = list[place]!;
    for (let behind = place; behind > 0; behind--) list[behind] = list[behind - 1]!;
    list[0] = byte;
    bytes[at] = byte;
  }
  return bytes;
}
