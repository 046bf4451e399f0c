import { UnfaithfulValueError } from '../errors.js';

/** Levels of objects within objects that are kept: a reader must not run out of stack where the writer did not. */
export const deepestValue = 1_000;

/** A step from an object to what it contains: a property, an index, or how to get at it, such as `.keys()[0]`. */
export type Step = string | number | { readonly text: string };

/**
 * A walk through a value that refuses what would come back changed and says where it stands. What an implementation
 * knows of is the meaning of each value; the way there, cycles and depth are kept here.
 */
export abstract class Inspection {
  readonly #call: string;
  readonly #path: Step[] = [];
  readonly #open = new Set<object>();
  /** What was found to be faithful once is not walked through again; how many values it contains is kept. */
  readonly #faithful = new Map<object, number>();
  #values = 0;

  /** @param call - what refuses, for the message. */
  constructor(call: string) {
    this.#call = call;
  }

  /** Walks through a whole value. @throws UnfaithfulValueError */
  protected begin(value: unknown): void {
    try {
      this.visit(value, 'value');
    } catch (cause) {
      if (cause instanceof UnfaithfulValueError) throw cause;
      const advice = 'Mend what is thrown when it is looked at.';
      throw new UnfaithfulValueError(this.#call, textOf(this.#path), 'it cannot be looked at', advice, { cause });
    }
  }

  protected visit(value: unknown, step: Step): void {
    this.#path.push(step);
    this.#values += 1;
    if (typeof value !== 'object' || value === null) this.inspectPrimitive(value);
    else if (this.#open.has(value)) this.inspectCycle(value);
    else this.#visitObject(value);
    this.#path.pop();
  }

  #visitObject(value: object): void {
    const contained = this.#faithful.get(value);
    if (contained === undefined) this.#enter(value);
    else this.#values += contained;
  }

  #enter(value: object): void {
    if (this.#open.size === deepestValue) {
      this.refuse(`it is nested deeper than ${deepestValue} levels`, 'Keep it flatter, or in several entries.');
    }
    const before = this.#values;
    this.#open.add(value);
    this.inspectObject(value);
    this.#open.delete(value);
    this.#faithful.set(value, this.#values - before);
  }

  /** How many values were visited, where what is contained twice counts twice, with all that it contains. */
  protected get values(): number {
    return this.#values;
  }

  protected abstract inspectPrimitive(value: unknown): void;
  protected abstract inspectObject(value: object): void;
  /** Is called with an object that contains itself, at the place where it does. */
  protected abstract inspectCycle(value: object): void;

  /** Visits the properties of a plain object; refuses those that are not enumerable, not data, or named by symbols. */
  protected visitProperties(object: object, advice: string): void {
    for (const name of Reflect.ownKeys(object)) {
      if (typeof name === 'symbol') this.refuse(`its property ${name.toString()} would be lost`, advice);
      const property = Reflect.getOwnPropertyDescriptor(object, name);
      if (property === undefined) continue;
      if (!('value' in property)) this.refuseAt(name, 'an accessor would come back as a plain property', advice);
      if (property.enumerable !== true) this.refuseAt(name, 'a property that is not enumerable would be lost', advice);
      this.visit(property.value, name);
    }
  }

  /** Visits the elements of an array; refuses holes and properties beside the elements. */
  protected visitElements(array: readonly unknown[], advice: string): void {
    // All indexes and `length`: a hole makes it fewer names, a property more.
    const names = Reflect.ownKeys(array);
    if (names.length !== array.length + 1 || names.at(-1) !== 'length') {
      this.refuse('a hole in the array, or a property beside its elements, would be lost', advice);
    }
    for (let index = 0; index < array.length; index++) this.visit(array[index], index);
  }

  protected refuse(why: string, advice: string): never {
    throw new UnfaithfulValueError(this.#call, textOf(this.#path), why, advice);
  }

  protected refuseAt(step: Step, why: string, advice: string): never {
    this.#path.push(step);
    this.refuse(why, advice);
  }
}

/** The path as one would write it; it begins with a name. */
function textOf(path: readonly Step[]): string {
  return path.map(textOfStep).join('').slice(1);
}

function textOfStep(step: Step): string {
  if (typeof step === 'object') return step.text;
  if (typeof step === 'number') return `[${step}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** A plain object's prototype: `Object.prototype` of this or another realm. */
export function isPlainPrototype(prototype: object): boolean {
  return prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && 'isPrototypeOf' in prototype);
}

/** Whether something is an object of no class. */
export function isPlainObject(something: unknown): something is object {
  if (typeof something !== 'object' || something === null) return false;
  const prototype: unknown = Object.getPrototypeOf(something);
  return typeof prototype === 'object' && prototype !== null && isPlainPrototype(prototype);
}
