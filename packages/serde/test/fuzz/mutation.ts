import type { Dialect } from './dialects.js';
import type { Dice } from './dice.js';

/** What a mutation starts from. */
export interface Material {
  readonly dice: Dice;
  readonly dialect: Dialect;
  /** Other payloads, of which pieces are taken. */
  readonly donors: readonly Uint8Array[];
}

type Mutation = (data: Uint8Array, material: Material) => Uint8Array;

/** The bytes with one to seven things done to them; few are usual. */
export function mutated(data: Uint8Array, material: Material): Uint8Array {
  let result = data;
  do result = material.dice.pick(mutations)(result, material);
  while (material.dice.chance(0.35));
  return result;
}

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  overwrite,
  truncate,
  extend,
  remove,
  repeat,
  insertNoise,
  swap,
  splice,
  transplant,
  writeLength,
  writeLength,
  insertPiece,
  insertPiece,
  replaceByPiece,
  nudge,
];

function flipBit(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  const at = place(data, dice, dialect);
  return replaced(data, at, 1, [(data[at] ?? 0) ^ (1 << dice.below(8))]);
}

function setByte(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  return replaced(data, place(data, dice, dialect), 1, [dice.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, dice.below(256)])]);
}

function overwrite(data: Uint8Array, { dice }: Material): Uint8Array {
  const noise = dice.noise(8);
  return replaced(data, dice.below(data.length), noise.length, noise);
}

function truncate(data: Uint8Array, { dice }: Material): Uint8Array {
  return data.subarray(0, dice.below(data.length));
}

function extend(data: Uint8Array, { dice, donors, dialect }: Material): Uint8Array {
  const tails = [
    dice.noise(8),
    new Uint8Array(1 + dice.below(100)),
    data,
    dice.pick(donors),
    dice.pick(dialect.pieces),
  ];
  return joined(data, dice.pick(tails));
}

function remove(data: Uint8Array, { dice }: Material): Uint8Array {
  return replaced(data, dice.below(data.length), 1 + dice.below(20), []);
}

function repeat(data: Uint8Array, { dice }: Material): Uint8Array {
  const at = dice.below(data.length);
  const piece = data.subarray(at, at + 1 + dice.below(30));
  return replaced(
    data,
    at,
    0,
    joined(...Array.from({ length: dice.chance(0.1) ? 200 : 1 + dice.below(4) }, () => piece)),
  );
}

function insertNoise(data: Uint8Array, { dice }: Material): Uint8Array {
  return replaced(data, dice.below(data.length + 1), 0, dice.noise(8));
}

function swap(data: Uint8Array, { dice }: Material): Uint8Array {
  const [from, middle, end] = [dice.below(data.length), dice.below(data.length), dice.below(data.length)].sort(
    (a, b) => a - b,
  ) as [number, number, number];
  return joined(data.subarray(0, from), data.subarray(middle, end), data.subarray(from, middle), data.subarray(end));
}

function splice(data: Uint8Array, { dice, donors }: Material): Uint8Array {
  const donor = dice.pick(donors);
  return joined(data.subarray(0, dice.below(data.length)), donor.subarray(dice.below(donor.length)));
}

function transplant(data: Uint8Array, { dice, donors }: Material): Uint8Array {
  const donor = dice.pick(donors);
  const from = dice.below(donor.length);
  return replaced(data, dice.below(data.length), 0, donor.subarray(from, from + 1 + dice.below(60)));
}

/** Writes the number that something is long, behind what seems to say what follows. */
function writeLength(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  const length = dice.pick(lengths);
  return replaced(data, place(data, dice, dialect) + 1, dice.chance(0.8) ? length.length : 0, length);
}

/** None, few, most: as numbers of one, two, four and eight bytes from either end, and in groups of seven bits. */
const lengths = [
  ...['00', '01', '7f', '80', 'ff', 'ffff', '7fff', 'ff7f', '0000', '00000000', '00000001', '01000000', 'ffffffff'],
  ...['7fffffff', 'ffffff7f', '80000000', '00000080', '00010000', '000000000000f07f', 'ffffffffffffffff', '00ffffff'],
  ...['ffffffff0f', 'feffffff07', '8080808010', 'feffff0f', 'ffffffffffffffffff01'],
].map((digits) => new Uint8Array(Buffer.from(digits, 'hex')));

function insertPiece(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  return replaced(data, place(data, dice, dialect), 0, dice.pick(dialect.pieces));
}

function replaceByPiece(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  const piece = dice.pick(dialect.pieces);
  return replaced(data, place(data, dice, dialect), dice.chance(0.5) ? piece.length : 1, piece);
}

function nudge(data: Uint8Array, { dice, dialect }: Material): Uint8Array {
  const at = place(data, dice, dialect) + dice.below(5);
  return replaced(data, at, 1, [(data[at] ?? 0) + dice.pick([-2, -1, 1, 2])]);
}

/** Where to damage: more often than not at a landmark. */
function place(data: Uint8Array, dice: Dice, { landmarks }: Dialect): number {
  const at = dice.below(data.length);
  if (dice.chance(0.35)) return at;
  for (let step = 0; step < 12; step++) if (landmarks.has(data[at + step] ?? -1)) return at + step;
  return at;
}

function replaced(data: Uint8Array, at: number, length: number, by: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(Math.min(at, data.length) + by.length + Math.max(0, data.length - at - length));
  result.set(data.subarray(0, at));
  result.set(by, Math.min(at, data.length));
  result.set(data.subarray(at + length), Math.min(at, data.length) + by.length);
  return result;
}

/** The bytes of all, one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    result.set(part, end);
    end += part.length;
  }
  return result;
}
