import type { Steps } from './steps.js';

/**
 * Move-to-front coding (Jon Bentley, Daniel Sleator, Robert Tarjan, Victor Wei: "A locally adaptive data compression scheme",
 * Communications of the ACM 29, 1986): every byte becomes its place in a list of all bytes in use, and then moves to the
 * front of it. Where few bytes take turns, as in a transformed block, the places are small, and repeated bytes are zeros.
 */

/** The bytes in use, from the smallest to the largest: the list at the beginning. */
export function bytesInUse(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const isUsed = new Uint8Array(256);
  for (let at = 0; at < length; at++) isUsed[bytes[at]!] = 1;
  return everyByte.filter((byte) => isUsed[byte] === 1);
}

const everyByte = new Uint8Array(256).map((_, byte) => byte);

/** How many bytes one step goes through. */
const stepLength = 1 << 15;

/** The place of each byte. */
export function* placesOf(bytes: Uint8Array, inUse: Uint8Array): Steps<Uint8Array> {
  const list = inUse.slice();
  const places = new Uint8Array(bytes.length);
  for (let from = 0; from < bytes.length; from += stepLength) {
    findPlaces(list, bytes, places, from, Math.min(bytes.length, from + stepLength));
    yield;
  }
  return places;
}

/** The byte at each place; places are smaller than the number of bytes in use. */
export function* bytesAt(places: Uint8Array, inUse: Uint8Array): Steps<Uint8Array> {
  const list = inUse.slice();
  const bytes = new Uint8Array(places.length);
  for (let from = 0; from < places.length; from += stepLength) {
    takeBytes(list, places, bytes, from, Math.min(places.length, from + stepLength));
    yield;
  }
  return bytes;
}

/**
 * Up to this place bytes are looked for and moved one by one; beyond it by the runtime's own functions, which are faster
 * where there are many, but a call of which costs as much as this.
 */
const nearby = 16;

function findPlaces(list: Uint8Array, bytes: Uint8Array, places: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    let place = 0;
    while (place < nearby && list[place] !== byte) place += 1;
    if (place === nearby) place = list.indexOf(byte, nearby);
    moveToFront(list, place);
    places[at] = place;
  }
}

function takeBytes(list: Uint8Array, places: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    moveToFront(list, places[at]!);
    bytes[at] = list[0]!;
  }
}

function moveToFront(list: Uint8Array, place: number): void {
  const byte = list[place]!;
  if (place > nearby) list.copyWithin(1, 0, place);
  else for (let behind = place; behind > 0; behind--) list[behind] = list[behind - 1]!;
  list[0] = byte;
}
