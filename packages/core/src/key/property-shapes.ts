import { inOnePiece } from './one-piece.js';
import { inBraces } from './punctuation.js';
import { quote } from './quoted-text.js';

/** One name of a property, and what is written of it before its value. */
class PropertyName {
  readonly name: string;
  readonly #openings = ['', '', '', '', '', ''];

  constructor(name: string) {
    this.name = name;
  }

  /** @param between - which of the openings of `inBraces` it stands in the place of. */
  opening(between: number): string {
    const opening = this.#openings[between]!;
    return opening === '' ? this.#open(between) : opening;
  }

  #open(between: number): string {
    const inQuotes = between % 2;
    const opening = `${inBraces.openings[between - inQuotes]!}${quote(this.name)}:${inQuotes ? '"' : ''}`;
    return (this.#openings[between] = inOnePiece(opening));
  }
}

interface Shape {
  /** As the objects have them. */
  readonly names: readonly string[];
  readonly sorted: readonly PropertyName[];
}

const places = 128;
const mostNames = 32;
const longestName = 40;
let shapes: (Shape | undefined)[] = [];

/**
 * The names in the order of keys; nothing where they are many or long. Objects with the same names in the same order come
 * again and again: their names are sorted and quoted once, as long as no other ones need the place.
 */
export function sortedNames(names: readonly string[]): readonly PropertyName[] | undefined {
  const place = placeOf(names);
  const shape = shapes[place];
  if (shape !== undefined && areEqual(shape.names, names)) return shape.sorted;
  if (names.length > mostNames || names.some((name) => name.length > longestName)) return undefined;
  if (shapes.length === 0) shapes = new Array<Shape | undefined>(places).fill(undefined);
  const sorted = [...names].sort().map((name) => new PropertyName(name));
  shapes[place] = { names, sorted };
  return sorted;
}

function placeOf(names: readonly string[]): number {
  const count = names.length;
  if (count === 0) return 0;
  const first = names[0]!;
  const last = names[count - 1]!;
  return (count * 31 + first.length * 7 + last.length * 3 + first.charCodeAt(0)) & (places - 1);
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  const count = one.length;
  if (count !== other.length) return false;
  for (let index = 0; index < count; index++) if (one[index] !== other[index]) return false;
  return true;
}
