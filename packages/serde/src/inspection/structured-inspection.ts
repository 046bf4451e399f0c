import { builtinModule } from '../builtin-module.js';
import { describe } from '../errors.js';
import { Inspection, isPlainPrototype } from './inspection.js';

/** What a format loses beyond what all of structured clone's lose. */
export interface StructuredLimits {
  /** What refuses, for messages. */
  readonly call: string;
  /** Whether -0, and texts with lone surrogates or a byte order mark, come back as they were. */
  readonly everyPrimitive: boolean;
  /** Names of properties that do not come back as they were. */
  readonly lostNames: readonly string[];
  /** What to do about a value that is refused, as a sentence. */
  readonly advice: string;
}

/** What was found on the way that comes back changed and is mended after reading. */
export interface ToMend {
  readonly errors: readonly Error[];
  /** Objects without a prototype. */
  readonly bare: readonly object[];
}

/** Classes of errors that come back as they were; others come back as one of them. */
const errorPrototypes = new Set<unknown>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => type.prototype),
);

/** What engines put into errors themselves; all but the first two are JavaScriptCore's, and say what the stack says. */
const engineProperties = new Set<string | symbol>([
  ...['message', 'stack'],
  ...['line', 'column', 'sourceURL', 'originalLine', 'originalColumn'],
]);

/** Classes of objects whose content comes back whole if they have no properties of their own. */
const contentPrototypes = new Set<unknown>(
  [
    ...[Date, ArrayBuffer, DataView],
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ].map((type): unknown => type.prototype),
);

const bufferPrototype: unknown = builtinModule('node:buffer')?.Buffer.prototype;

/** Refuses what structured clone, as a format with these limits writes it, would change beyond mending. */
export function inspectStructured(value: unknown, limits: StructuredLimits): ToMend {
  return new StructuredInspection(limits).inspect(value);
}

class StructuredInspection extends Inspection {
  readonly #limits: StructuredLimits;
  readonly #errors: Error[] = [];
  readonly #bare: object[] = [];

  constructor(limits: StructuredLimits) {
    super(limits.call);
    this.#limits = limits;
  }

  inspect(value: unknown): ToMend {
    this.begin(value);
    return { errors: this.#errors, bare: this.#bare };
  }

  protected override inspectPrimitive(value: unknown): void {
    if (typeof value === 'function' || typeof value === 'symbol') {
      return this.refuse(`a ${typeof value} has no representation as bytes`, this.#limits.advice);
    }
    if (this.#limits.everyPrimitive) return;
    if (Object.is(value, -0)) return this.refuse('-0 would come back as 0', this.#limits.advice);
    if (typeof value === 'string') this.#inspectText(value);
  }

  #inspectText(text: string): void {
    if (!text.isWellFormed()) {
      this.refuse('text with a lone surrogate would come back changed', this.#limits.advice);
    }
    if (text.startsWith('\ufeff')) {
      this.refuse('text with a byte order mark at its beginning may come back without it', this.#limits.advice);
    }
  }

  protected override inspectObject(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype) this.#refuseClass(value);
      this.visitElements(value, this.#limits.advice);
    } else if (prototype === null) {
      this.#bare.push(value);
      this.#inspectNamed(value);
    } else if (prototype === Map.prototype) this.#inspectMap(value as Map<unknown, unknown>);
    else if (prototype === Set.prototype) this.#inspectSet(value as Set<unknown>);
    else if (prototype === RegExp.prototype) this.#inspectRegExp(value as RegExp);
    else if (errorPrototypes.has(prototype) && isBuiltIn(value, 'Error')) this.#inspectError(value as Error);
    else if (contentPrototypes.has(prototype) || prototype === bufferPrototype) this.#inspectContent(value);
    else if (isPlainPrototype(prototype as object)) this.#inspectNamed(value);
    else this.#refuseClass(value);
  }

  #inspectNamed(value: object): void {
    for (const name of Object.keys(value)) this.#inspectName(name);
    this.visitProperties(value, this.#limits.advice);
  }

  #inspectName(name: string): void {
    if (this.#limits.lostNames.includes(name)) {
      this.refuseAt(name, 'a property of this name would be lost', this.#limits.advice);
    }
    if (!this.#limits.everyPrimitive) this.#inspectText(name);
  }

  #inspectMap(map: Map<unknown, unknown>): void {
    this.#refuseOwnProperties(map, 0);
    let index = 0;
    for (const [key, value] of map) {
      this.visit(key, { text: `.keys()[${index}]` });
      this.visit(value, { text: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${index}]` });
      index += 1;
    }
  }

  #inspectSet(set: Set<unknown>): void {
    this.#refuseOwnProperties(set, 0);
    let index = 0;
    for (const value of set) this.visit(value, { text: `.values()[${index++}]` });
  }

  #inspectRegExp(expression: RegExp): void {
    this.#refuseOwnProperties(expression, 1);
    if (!this.#limits.everyPrimitive) this.#inspectText(expression.source);
    if (expression.lastIndex !== 0) this.refuseAt('lastIndex', 'it would come back as 0', this.#limits.advice);
  }

  /** The name, where the error has one of its own, must not be taken for that of a class. */
  #inspectError(error: Error): void {
    if (Object.hasOwn(error, 'name')) this.#inspectErrorName(error.name);
    this.#errors.push(error);
    for (const property of Reflect.ownKeys(error)) {
      if (engineProperties.has(property)) {
        this.#inspectErrorText(error, property);
        continue;
      }
      const found = Reflect.getOwnPropertyDescriptor(error, property);
      const isFaithful = found !== undefined && 'value' in found && found.enumerable === (property !== 'cause');
      if (typeof property === 'symbol' || !isFaithful) this.#refuseClass(error);
      this.#inspectName(property);
      this.visit(found.value, property);
    }
  }

  #inspectErrorName(name: unknown): void {
    if (typeof name !== 'string') this.refuseAt('name', 'an error would come back with a text', this.#limits.advice);
    if (name in Object.prototype || isNameOfClass(name)) {
      this.refuseAt('name', 'an error of this name would come back as another', this.#limits.advice);
    }
  }

  /** What engines give errors themselves, `message` and `stack`, is text, and has to come back as it is. */
  #inspectErrorText(error: Error, property: string | symbol): void {
    const text: unknown = Reflect.get(error, property);
    if (typeof text === 'string') this.visit(text, String(property));
    else if (property === 'message') {
      this.refuseAt('message', 'an error would come back with a text', this.#limits.advice);
    }
  }

  #inspectContent(content: object): void {
    if (isDateLike(content) && !isBuiltIn(content, 'Date')) this.#refuseClass(content);
    // Throws where there is none: an object may have the prototype and nothing else of it.
    else if (!isDateLike(content)) Reflect.get(content, 'byteLength');
    const isTypedArray = ArrayBuffer.isView(content) && !(content instanceof DataView);
    this.#refuseOwnProperties(content, isTypedArray ? (content as Uint8Array).length : 0);
    if (ArrayBuffer.isView(content) && !(content.buffer instanceof ArrayBuffer)) {
      this.refuse('memory that is shared would come back as a copy', this.#limits.advice);
    }
  }

  #refuseOwnProperties(value: object, expected: number): void {
    // Listing names makes a text for each element: what a longer view has beside them is not worth that.
    if (expected > longestListedView) return;
    if (Reflect.ownKeys(value).length !== expected) {
      this.refuse(`the properties of ${describe(value)} would be lost`, this.#limits.advice);
    }
  }

  #refuseClass(value: object): never {
    return this.refuse(`${describe(value)} would come back as something else`, this.#limits.advice);
  }

  protected override inspectCycle(value: object): void {
    if (errorPrototypes.has(Object.getPrototypeOf(value))) {
      this.refuse('an error that contains itself would come back changed', this.#limits.advice);
    }
  }
}

/** Most elements of a view whose names are listed to see whether it has other properties. */
const longestListedView = 256;

function isNameOfClass(name: string): boolean {
  // Its instances are refused, but its name is known where errors are read.
  if (name === 'AggregateError') return true;
  for (const prototype of errorPrototypes) if ((prototype as Error).name === name) return true;
  return false;
}

function isDateLike(value: object): boolean {
  return Object.getPrototypeOf(value) === Date.prototype;
}

/** Whether an object was made as one of its class; others may have its prototype. */
function isBuiltIn(value: object, name: 'Date' | 'Error'): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}
