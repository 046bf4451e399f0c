import { describe } from '../errors.js';
import { accessTo } from '../identifier.js';

/** Levels of objects within objects that are kept: not every reader of JSON goes deeper. */
const deepest = 1_000;
/** Most values that are kept, where what is contained twice counts twice, as it is written twice. */
const most = 8_000_000;

const advice = `Give storageOver a 'serde', or say values: 'any' if the store brings back every value as it was.`;

/**
 * Refuses a value that JSON would change, or that not every store brings back which keeps JSON. `undefined` as the whole
 * value is no part of what is written.
 *
 * @throws Error that says where it stands and what it is.
 */
export function requireJson(value: unknown): void {
  if (value !== undefined) new JsonInspection().inspect(value);
}

class JsonInspection {
  readonly #path: (string | number)[] = [];
  readonly #open = new Set<object>();
  /** What was found to be faithful once is not walked through again; how many values it contains is kept. */
  readonly #faithful = new Map<object, number>();
  #values = 0;

  inspect(value: unknown): void {
    this.#visit(value);
    if (this.#values > most) throw new Error(`the value is more than ${most} values in JSON. ${advice}`);
  }

  #visit(value: unknown): void {
    this.#values++;
    if (typeof value === 'object' && value !== null) this.#visitObject(value);
    else if (!isJsonPrimitive(value)) this.#refuse(Object.is(value, -0) ? '-0' : describe(value));
    else if (typeof value === 'string') this.#requireText(value);
  }

  #visitObject(value: object): void {
    const contained = this.#faithful.get(value);
    if (contained !== undefined) this.#values += contained;
    else if (this.#open.has(value)) this.#refuse('an object that contains itself');
    else if (this.#open.size === deepest) this.#refuse(`nested deeper than ${deepest} levels`);
    else this.#enter(value);
  }

  #enter(value: object): void {
    const before = this.#values;
    this.#open.add(value);
    if (Array.isArray(value)) this.#visitElements(value);
    else this.#visitProperties(value);
    this.#open.delete(value);
    this.#faithful.set(value, this.#values - before);
  }

  #visitElements(array: readonly unknown[]): void {
    // The prototype of arrays is one itself, in every realm.
    if (!Array.isArray(Object.getPrototypeOf(array))) this.#refuse(describe(array));
    // All indexes and `length`: a hole makes it fewer names, a property more.
    const names = Reflect.ownKeys(array);
    if (names.length !== array.length + 1) this.#refuse('an array with holes, or with properties beside its elements');
    for (const [index, element] of array.entries()) this.#step(index, () => this.#visit(element));
  }

  #visitProperties(object: object): void {
    if (!isPlainPrototype(Object.getPrototypeOf(object))) this.#refuse(describe(object));
    for (const name of Reflect.ownKeys(object)) {
      if (typeof name === 'symbol') this.#refuse(`an object with a property ${name.toString()}`);
      this.#step(name, () => this.#visitProperty(object, name));
    }
  }

  #visitProperty(object: object, name: string): void {
    const property = Reflect.getOwnPropertyDescriptor(object, name);
    if (property === undefined || !('value' in property)) this.#refuse('an accessor');
    if (property.enumerable !== true) this.#refuse('a property that is not enumerable');
    if (name === '__proto__') this.#refuse('a property with a name that not everyone keeps');
    this.#requireText(name);
    this.#visit(property.value);
  }

  #requireText(text: string): void {
    if (!text.isWellFormed()) this.#refuse('text with a lone surrogate');
  }

  #step(step: string | number, visit: () => void): void {
    this.#path.push(step);
    visit();
    this.#path.pop();
  }

  #refuse(what: string): never {
    throw new Error(`value${this.#path.map(textOf).join('')} is ${what}, which JSON may change. ${advice}`);
  }
}

function isJsonPrimitive(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** Whether it is `Object.prototype`, of this or another realm. */
function isPlainPrototype(prototype: unknown): boolean {
  if (typeof prototype !== 'object' || prototype === null) return false;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** A step of a path as one would write it. */
function textOf(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : accessTo(step);
}
