/** Everything that all objects of a kind share, and that bytes must not change. */
const intrinsics: readonly object[] = [
  ...[Object, Function, Array, Map, Set, Date, RegExp, Error, TypeError, RangeError, Promise, String, Number],
  ...[Boolean, BigInt, Symbol, ArrayBuffer, DataView, Uint8Array, Float64Array, Buffer, JSON, Reflect, Math],
].flatMap((intrinsic: object) => {
  const { prototype } = intrinsic as { readonly prototype?: object };
  return prototype === undefined ? [intrinsic] : [intrinsic, prototype];
});

type Snapshot = readonly (readonly [object, object | null, ReadonlyMap<string | symbol, PropertyDescriptor>])[];

function snapshot(): Snapshot {
  return intrinsics.map((intrinsic) => {
    const names = Reflect.ownKeys(intrinsic);
    const descriptors = names.map((name) => [name, Reflect.getOwnPropertyDescriptor(intrinsic, name)!] as const);
    return [intrinsic, Reflect.getPrototypeOf(intrinsic), new Map(descriptors)];
  });
}

function nameOf(intrinsic: object): string {
  return typeof intrinsic === 'function' ? intrinsic.name : Object.prototype.toString.call(intrinsic);
}

/** The language's own objects as they were when this was made, to find out what has been done to them since. */
export class Intrinsics {
  readonly #before = snapshot();

  /** What became different since; `undefined` if nothing did. */
  change(): string | undefined {
    for (const [intrinsic, prototype, before] of this.#before) {
      if (Reflect.getPrototypeOf(intrinsic) !== prototype) return `another prototype of ${nameOf(intrinsic)}`;
      const found = Reflect.ownKeys(intrinsic);
      const added = found.find((name) => !before.has(name));
      if (added !== undefined) return `${nameOf(intrinsic)} has got ${String(added)}`;
      if (found.length < before.size) return `${nameOf(intrinsic)} has lost something`;
      for (const [name, { value, get, set }] of before) {
        // These say what was matched last, and so change by themselves.
        if (intrinsic === RegExp) continue;
        const after = Reflect.getOwnPropertyDescriptor(intrinsic, name)!;
        if (Object.is(after.value, value) && after.get === get && after.set === set) continue;
        return `${nameOf(intrinsic)} has another ${String(name)}`;
      }
    }
    return undefined;
  }
}
