import { inOnePiece } from './one-piece.js';

const places = 4_096;
let numbers: Float64Array | undefined;
let names: string[] = [];

/**
 * What a call with one finite number is named by: `(42)`. The names of numbers that came lately are at hand, so that no
 * text is made, nor hashed by the storage; each has one place that it may have to leave to another.
 */
export function nameOfNumber(number: number): string {
  numbers ??= placesForNumbers();
  const place = number & (places - 1);
  if (numbers[place] === number) return names[place]!;
  const name = inOnePiece(`(${number})`);
  numbers[place] = number;
  names[place] = name;
  return name;
}

function placesForNumbers(): Float64Array {
  names = new Array<string>(places).fill('');
  return new Float64Array(places).fill(NaN);
}
