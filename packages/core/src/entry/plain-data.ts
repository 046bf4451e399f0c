/** How deep plain data is, and how much of it there is, at most. */
export interface PlainDataLimits {
  readonly depth: number;
  /** Values in all, objects and lists included. */
  readonly values: number;
  /** Characters of all texts, names of properties included. */
  readonly characters: number;
}

/**
 * A copy of plain data that JSON, and every other format, brings back as it was: null, booleans, numbers, texts, lists and
 * objects of no class. Properties that are `undefined` are left out, as if they were not there.
 *
 * @returns the copy as `copy`; `undefined` where something of it is no plain data, or there is too much of it.
 */
export function plainDataIn(value: unknown, limits: PlainDataLimits): { readonly copy: unknown } | undefined {
  try {
    return { copy: new PlainDataCopy(limits).of(value) };
  } catch {
    // Also what a getter or a proxy throws: then nobody can look at it.
    return undefined;
  }
}

class PlainDataCopy {
  readonly #limits: PlainDataLimits;
  #depth = 0;
  #values = 0;
  #characters = 0;

  constructor(limits: PlainDataLimits) {
    this.#limits = limits;
  }

  /** @throws Error for what is no plain data */
  of(value: unknown): unknown {
    this.#count('values', 1);
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'number':
        return required(value, Number.isFinite(value) && !Object.is(value, -0));
      case 'string':
        return this.#text(value);
      case 'object':
        return value === null ? null : this.#within(value);
      default:
        return required(value, false);
    }
  }

  #within(value: object): unknown {
    this.#depth++;
    required(value, this.#depth <= this.#limits.depth);
    const copy = Array.isArray(value) ? this.#list(value) : this.#object(value);
    this.#depth--;
    return copy;
  }

  #list(list: readonly unknown[]): unknown[] {
    // All indexes and `length`: a hole makes it fewer names, a property more.
    required(list, Reflect.ownKeys(list).length === list.length + 1);
    return list.map((element) => this.of(element));
  }

  #object(object: object): object {
    required(object, isOfNoClass(object));
    const copy: Record<string, unknown> = {};
    for (const name of Reflect.ownKeys(object)) {
      const property = Reflect.getOwnPropertyDescriptor(object, name);
      required(name, typeof name === 'string' && !lostNames.has(name));
      required(name, property?.enumerable === true && 'value' in property);
      if (property?.value !== undefined) copy[this.#text(name as string)] = this.of(property.value);
    }
    return copy;
  }

  #text(text: string): string {
    this.#count('characters', text.length);
    // Not every reader leaves a byte order mark where it is.
    return required(text, text.isWellFormed() && !text.startsWith('\ufeff'));
  }

  #count(what: 'values' | 'characters', more: number): void {
    if (what === 'values') required(what, (this.#values += more) <= this.#limits.values);
    else required(what, (this.#characters += more) <= this.#limits.characters);
  }
}

/** Names of properties that some format does not bring back. */
const lostNames = new Set<string | symbol>(['__proto__', '__keys__']);

/** Whether an object has no prototype, or `Object.prototype`, of this or another realm. */
function isOfNoClass(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (typeof prototype !== 'object' || prototype === null) return prototype === null;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function required<T>(value: T, isPlain: boolean): T {
  if (isPlain) return value;
  throw new Error('it is no plain data');
}
