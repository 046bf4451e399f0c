/** Which values an implementation brings back as they were; each kind includes those before it. */
export type ValueKind =
  /** What JSON can say: `null`, booleans, finite numbers, text, arrays and plain objects. */
  | 'json'
  /** What can be cloned: also `Date`, `Map`, `Set`, `bigint`, `NaN`, `undefined`, typed arrays, errors, cycles. */
  | 'structured'
  /** Every value, functions and instances of classes included: nothing is turned into bytes. */
  | 'any';

/** A value with the name by which a failing clause calls it. */
export type ValueSample = readonly [name: string, value: unknown];

const kinds: readonly ValueKind[] = ['json', 'structured', 'any'];

/** Values that every implementation of `kind` brings back. Made anew at each call, so that none can be shared. */
export function samplesOf(kind: ValueKind): readonly ValueSample[] {
  return kinds.slice(0, kinds.indexOf(kind) + 1).flatMap((included) => samples[included]());
}

/** Values that an implementation of `kind` need not bring back: it does, or it refuses them. */
export function samplesBeyond(kind: ValueKind): readonly ValueSample[] {
  const beyond = kinds.slice(kinds.indexOf(kind) + 1).flatMap((excluded) => samples[excluded]());
  return kind === 'any' ? beyond : [...beyond, ...treacherous()];
}

const samples: Readonly<Record<ValueKind, () => readonly ValueSample[]>> = {
  json: () => [
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['zero', 0],
    ['empty text', ''],
    ['an empty array', []],
    ['an empty object', {}],
    ['numbers', [1, -1, 0.1, 2 ** 31, 2 ** 53 - 1, 1e-300, 1.7976931348623157e308]],
    ['text', 'päper 𝒳 \u0000 "quoted" \n \u2028 {"json":true}'],
    ['a tree', { list: [1, 'two', null, { three: [true] }], '': 0, constructor: 'own', length: 3 }],
  ],
  structured: () => [
    ['NaN and infinities', [NaN, Infinity, -Infinity]],
    ['bigints', [0n, -1n, 2n ** 64n, -(2n ** 200n)]],
    ['undefined inside', [undefined, { present: undefined }]],
    ['dates', [new Date(0), new Date(-1), new Date('2026-02-28T12:34:56.789Z')]],
    [
      'a Map',
      new Map<unknown, unknown>([
        [{ id: 1 }, 'object key'],
        [1, new Map([['nested', new Set([1])]])],
      ]),
    ],
    ['a Set', new Set<unknown>(['1', 1, null])],
    ['bytes', new Uint8Array([0, 127, 128, 255])],
    ['other typed arrays', [new Float64Array([0.5, NaN]), new Int16Array([-1, 1]), new Uint32Array([2 ** 32 - 1])]],
    ['an error', new TypeError('wrong type')],
    ['a regular expression', /a+\/b/giu],
    ['a cycle', cycle()],
  ],
  any: () => [
    ['a function', () => 'result'],
    ['a symbol', Symbol('mark')],
    ['an instance of a class', new Point(1, 2)],
    ['a WeakMap', new WeakMap()],
  ],
};

/** Values that serializers are known to change without a word. */
function treacherous(): readonly ValueSample[] {
  return [
    ['minus zero', -0],
    ['a sparse array', Object.assign([], { length: 2 })],
    ['a lone surrogate', 'a\ud800b'],
    ['an own property __proto__', JSON.parse('{ "__proto__": { "admin": true } }')],
    ['an object that names its own JSON', { hidden: 1, toJSON: () => 'something else' }],
    ['a property named by a symbol', { [Symbol('mark')]: 1 }],
    ['an array with properties of its own', /b/.exec('abc')],
  ];
}

class Point {
  readonly x: number;
  readonly y: number;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

function cycle(): unknown {
  const node: { name: string; self?: unknown } = { name: 'node' };
  node.self = node;
  return node;
}
