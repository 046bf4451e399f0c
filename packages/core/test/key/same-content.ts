/** The equality that keys promise, written down a second time, without any text. */
export function sameArguments(left: readonly unknown[], right: readonly unknown[]): boolean {
  return sameElements(withoutTrailingUndefined(left), withoutTrailingUndefined(right));
}

function withoutTrailingUndefined(list: readonly unknown[]): readonly unknown[] {
  return list.slice(0, list.findLastIndex((element) => element !== undefined) + 1);
}

function sameContent(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right || (Number.isNaN(left) && Number.isNaN(right));
  }
  if (kindOf(left) !== kindOf(right)) return false;
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (left instanceof RegExp && right instanceof RegExp) return String(left) === String(right);
  if (left instanceof URL && right instanceof URL) return left.href === right.href;
  if (left instanceof Map && right instanceof Map) return sameElements([...left].flat(), [...right].flat());
  if (left instanceof Set && right instanceof Set) return sameElements([...left], [...right]);
  if (Array.isArray(left) && Array.isArray(right)) return sameElements(left, right);
  if (left instanceof ArrayBuffer || ArrayBuffer.isView(left)) return sameElements(bytesOf(left), bytesOf(right));
  return sameProperties(left, right);
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function sameElements(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && Array.from(left).every((element, index) => sameContent(element, right[index]));
}

function sameProperties(left: object, right: object): boolean {
  const presentIn = (object: object) => Object.entries(object).filter(([, value]) => value !== undefined);
  const leftProperties = presentIn(left);
  const rightProperties = new Map(presentIn(right));
  return (
    leftProperties.length === rightProperties.size &&
    leftProperties.every(([name, value]) => rightProperties.has(name) && sameContent(value, rightProperties.get(name)))
  );
}

function bytesOf(bytes: unknown): readonly number[] {
  if (bytes instanceof ArrayBuffer) return [...new Uint8Array(bytes)];
  const view = bytes as ArrayBufferView;
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}
