import fc from 'fast-check';

/** Bytes of which few are in use, so that runs, periods and equal parts are frequent. */
export const repetitiveBytes = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(255), { maxLength: 200 }), fc.integer({ min: 1, max: 4 }))
  .map(([letters, numbers, copies]) =>
    Uint8Array.from(Array.from({ length: copies }, () => numbers.map((number) => 97 + (number % letters))).flat()),
  );

/** Bytes with long runs. */
const runsOfBytes = fc
  .array(fc.tuple(fc.nat(255), fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 250, max: 520 }))), {
    maxLength: 20,
  })
  .map((runs) => Uint8Array.from(runs.flatMap(([byte, length]) => Array<number>(length).fill(byte))));

/** Bytes of every kind. */
export const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), repetitiveBytes, runsOfBytes);

/** Texts that have been the undoing of sorting algorithms. */
export function hardTexts(length: number): Readonly<Record<string, Uint8Array>> {
  const filled = (byteAt: (index: number) => number): Uint8Array => Uint8Array.from({ length }, (_, at) => byteAt(at));
  const parityOfOnes = (number: number): number => number.toString(2).replaceAll('0', '').length & 1;
  return {
    'one byte': filled(() => 7),
    'one byte, then a smaller one': filled((at) => (at === length - 1 ? 6 : 7)),
    'one byte, then a larger one': filled((at) => (at === length - 1 ? 8 : 7)),
    'two bytes in turn': filled((at) => at & 1),
    'a period of a thousand bytes': filled((at) => ((at % 1_000) ** 2 * 31) & 255),
    'a period, once broken': filled((at) => (at === length >> 1 ? 255 : at % 10)),
    Fibonacci: fibonacci(length),
    'Thue and Morse': filled(parityOfOnes),
    rising: filled((at) => Math.floor((at * 256) / length)),
    falling: filled((at) => 255 - Math.floor((at * 256) / length)),
    'runs of four': filled((at) => at >> 2),
  };
}

/** The text in which suffixes are equal for as long as can be without a period. */
function fibonacci(length: number): Uint8Array {
  let [text, before] = ['a', 'b'];
  while (text.length < length) [text, before] = [text + before, text];
  return new TextEncoder().encode(text.slice(0, length));
}
