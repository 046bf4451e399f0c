/** What is wrong with a time that was written, as text or otherwise. */
export interface TimeFault {
  readonly kind: 'fault';
  /** What is wrong, without the point at its end: `Unknown unit 'minuets'`. */
  readonly wrong: string;
  /** The character at fault, counted from one, as people count; `undefined` where it is not one place. */
  readonly character?: number | undefined;
  /** What was probably meant, the likeliest first; each of them can be read. */
  readonly proposals?: readonly string[] | undefined;
  /** What is right, as a sentence. */
  readonly rule?: string | undefined;
}

/** What to do about a fault, as sentences for a message. */
export function adviceFor({ wrong, character, proposals = [], rule }: TimeFault): string {
  const place = character === undefined ? '' : ` at character ${character}`;
  const advice = `${wrong}${place}${proposed(proposals)}`;
  return rule === undefined ? advice : `${advice} ${rule}`;
}

function proposed(proposals: readonly string[]): string {
  const [only, ...others] = proposals.map((proposal) => `'${proposal}'`);
  if (only === undefined) return '.';
  const last = others.pop();
  return last === undefined ? `: did you mean ${only}?` : `: write ${[only, ...others].join(', ')} or ${last}.`;
}

/** Text within advice, cut where it is too long for that. */
export function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** One of the parts of a notation, which follow one another. */
export interface NotationPart {
  /** Sticky. */
  readonly pattern: RegExp;
  /** What is expected where it does not match. */
  readonly name: string;
}

/** The first part of a notation that is missing in `text`, which is not written in that notation. */
export function missingPart(text: string, parts: readonly NotationPart[]): TimeFault {
  let position = text.length - text.trimStart().length;
  for (const { pattern, name } of parts) {
    pattern.lastIndex = position;
    if (!pattern.test(text)) return { kind: 'fault', wrong: `Expected ${name}`, character: position + 1 };
    position = pattern.lastIndex;
  }
  return { kind: 'fault', wrong: 'It cannot be read' };
}
