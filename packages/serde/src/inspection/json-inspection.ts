import { classOf, describe } from '../errors.js';
import { Inspection, isPlainPrototype } from './inspection.js';

const advice =
  "Convert it with the hooks 'valueToReversibleRepr' and 'reversibleReprToValue', use MsgpackSerDe, " +
  "or accept the change with 'lossy: true'.";

/** Refuses what JSON would change or lose. `undefined` as the whole value is the one exception: there it is kept. */
export function refuseUnlessJson(value: unknown, call: string): void {
  if (value !== undefined) new JsonInspection(call).inspect(value);
}

class JsonInspection extends Inspection {
  inspect(value: unknown): void {
    this.begin(value);
  }

  protected override inspectPrimitive(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return;
        return this.refuse(
          Object.is(value, -0) ? '-0 would come back as 0' : `${value} would come back as null`,
          advice,
        );
      case 'undefined':
        return this.refuse('undefined would come back as null or not at all', `Leave it out. ${advice}`);
      case 'bigint':
        return this.refuse('JSON has no bigint', advice);
      case 'function':
      case 'symbol':
        return this.refuse(`a ${typeof value} would be lost`, advice);
      default:
    }
  }

  protected override inspectObject(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (Array.isArray(value)) {
      if (prototype !== Array.prototype && classOf(value) !== 'class Array') this.#refuseClass(value, 'an array');
      this.visitElements(value, advice);
    } else if (typeof prototype === 'object' && prototype !== null && isPlainPrototype(prototype)) {
      this.visitProperties(value, advice);
    } else {
      this.#refuseClass(value, 'a plain object');
    }
  }

  #refuseClass(value: object, becomes: string): never {
    return this.refuse(`${describe(value)} would come back as ${value instanceof Date ? 'text' : becomes}`, advice);
  }

  protected override inspectCycle(): void {
    this.refuse('it contains itself', 'MsgpackSerDe keeps cycles.');
  }
}
