import { classOf, describe, UnfaithfulValueError } from '../errors.js';
import { Inspection, isPlainObject } from './inspection.js';

const hooks = "Convert it with the hooks 'valueToReversibleRepr' and 'reversibleReprToValue'";
const advice = `${hooks}, or accept the change with 'lossy: true'.`;
const adviceToUseMsgpack = `${hooks}, use MsgpackSerDe, or accept the change with 'lossy: true'.`;

/** Most values that are written: more would take hours, or more memory than reading may take. */
const mostValues = 8_000_000;

/** Classes whose instances `MsgpackSerDe` keeps. */
const keptByMsgpack = [Date, Map, Set, RegExp, Error, ArrayBuffer];

/** Refuses what JSON would change or lose. `undefined` as the whole value is the one exception: there it is kept. */
export function refuseUnlessJson(value: unknown, call: string): void {
  if (value !== undefined) new JsonInspection(call).inspect(value);
}

class JsonInspection extends Inspection {
  readonly #call: string;

  constructor(call: string) {
    super(call);
    this.#call = call;
  }

  inspect(value: unknown): void {
    this.begin(value);
    if (this.values <= mostValues) return;
    const why = `it is more than ${mostValues} values, since what is contained twice is written twice`;
    throw new UnfaithfulValueError(this.#call, 'value', why, 'MsgpackSerDe writes it once.');
  }

  protected override inspectPrimitive(value: unknown): void {
    switch (typeof value) {
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return;
        if (Object.is(value, -0)) return this.refuse('-0 would come back as 0', advice);
        return this.refuse(`${value} would come back as null`, adviceToUseMsgpack);
      case 'undefined':
        return this.refuse('undefined would come back as null or not at all', `Leave it out. ${adviceToUseMsgpack}`);
      case 'bigint':
        return this.refuse('JSON has no bigint', adviceToUseMsgpack);
      case 'function':
      case 'symbol':
        return this.refuse(`a ${typeof value} would be lost`, advice);
      default:
    }
  }

  protected override inspectObject(value: object): void {
    if (Array.isArray(value)) {
      if (Object.getPrototypeOf(value) !== Array.prototype && classOf(value) !== 'class Array')
        this.#refuseClass(value, 'an array');
      this.visitElements(value, advice);
    } else if (isPlainObject(value)) {
      this.visitProperties(value, advice);
    } else {
      this.#refuseClass(value, 'a plain object');
    }
  }

  #refuseClass(value: object, becomes: string): never {
    const why = `${describe(value)} would come back as ${value instanceof Date ? 'text' : becomes}`;
    const isKept = ArrayBuffer.isView(value) || keptByMsgpack.some((kept) => value instanceof kept);
    return this.refuse(why, isKept ? adviceToUseMsgpack : advice);
  }

  protected override inspectCycle(): void {
    this.refuse('it contains itself', 'MsgpackSerDe keeps cycles.');
  }
}
