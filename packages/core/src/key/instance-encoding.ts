import { Unnameable } from './unnameable.js';

type EncodeElement = (element: unknown) => string;

/**
 * Names an instance of a built-in class by its content: Date by its time, RegExp by source and flags (not by
 * `lastIndex`), URL by its address, Map and Set by their elements in order, ArrayBuffer, typed arrays and DataView by
 * kind and bytes. A Buffer of Node counts as the Uint8Array that it is.
 *
 * @throws Unnameable for all other classes, subclasses of these included: nobody knows what their content is.
 */
export function encodeInstance(value: object, encode: EncodeElement): string {
  if (hasPrototypeOf(value, Date)) return `#Date:${timeOf(value)}`;
  if (hasPrototypeOf(value, Map)) return `#Map{${pairsOf(value, encode)}}`;
  if (hasPrototypeOf(value, Set)) return `#Set[${Array.from(value, encode).join(',')}]`;
  if (hasPrototypeOf(value, RegExp)) return `#RegExp:${encode(value.source)}${encode(value.flags)}`;
  if (typeof URL === 'function' && hasPrototypeOf(value, URL)) return `#URL:${encode(value.href)}`;
  if (hasPrototypeOf(value, ArrayBuffer)) return `#ArrayBuffer:${hexadecimal(new Uint8Array(value))}`;
  if (isBuiltInView(value)) return `#${kindOf(value)}:${hexadecimal(bytesOf(value))}`;
  throw new Unnameable(
    value,
    'an instance of this class is not named by its content',
    `Let the option 'key' name it by text, numbers or plain data, or give its class a [memoKey]() method.`,
  );
}

/** Whether `value` is a plain object, of whichever realm, or one without a prototype. */
export function hasObjectPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Whether `value` is an array, of whichever realm: only `Array.prototype` is a prototype that is an array itself. */
export function hasArrayPrototype(value: object): value is readonly unknown[] {
  return Array.isArray(value) && Array.isArray(Object.getPrototypeOf(value));
}

function hasPrototypeOf<T extends object>(value: object, itsClass: abstract new (...args: never[]) => T): value is T {
  return Object.getPrototypeOf(value) === itsClass.prototype;
}

function timeOf(date: Date): number {
  const time = Date.prototype.getTime.call(date);
  if (Number.isNaN(time)) throw new Unnameable(date, 'it is an invalid Date', 'Check the date before the call.');
  return time;
}

function pairsOf(map: ReadonlyMap<unknown, unknown>, encode: EncodeElement): string {
  return Array.from(map, ([key, value]) => `${encode(key)}:${encode(value)}`).join(',');
}

const typedArrayPrototype: unknown = Object.getPrototypeOf(Uint8Array.prototype);

function isBuiltInView(value: object): value is ArrayBufferView {
  if (!ArrayBuffer.isView(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object;
  const parent: unknown = Object.getPrototypeOf(prototype);
  return (
    prototype === DataView.prototype ||
    parent === typedArrayPrototype ||
    (parent === Uint8Array.prototype && prototype.constructor.name === 'Buffer')
  );
}

/** The kind as the runtime knows it: `Uint8Array` also for a Buffer. */
function kindOf(view: ArrayBufferView): string {
  if (view instanceof DataView) return 'DataView';
  return String(Reflect.get(typedArrayPrototype as object, Symbol.toStringTag, view));
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
