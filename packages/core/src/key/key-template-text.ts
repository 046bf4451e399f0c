import { InvalidOptionError } from '../errors.js';
import { identifierPattern } from '../identifier.js';
import { nearestWord } from '../nearest-word.js';

/** Where a template was written, and what it may name. */
export interface KeyTemplateOrigin {
  /** What was called, for messages. */
  readonly call: string;
  /** The names of the arguments, where they have some. */
  readonly params?: readonly string[] | undefined;
}

/** A place in a template for a part of an argument. */
export interface Placeholder {
  /** The number of the argument. */
  readonly argument: number;
  /** The way from it to the part. */
  readonly names: readonly string[];
  /** As it is written: the argument, and the way to the part after each name. */
  readonly paths: readonly string[];
}

/** What a template is made of: one literal text before each place, and one after the last. */
export interface TemplateParts {
  readonly literals: readonly string[];
  readonly placeholders: readonly Placeholder[];
}

/** What a template is, for messages. */
export const expectedTemplate = `a template such as 'user:{0.id}'`;

/**
 * Takes a template apart.
 *
 * @throws InvalidOptionError where it cannot be read, or names what cannot be there.
 */
export function readTemplate(text: string, origin: KeyTemplateOrigin): TemplateParts {
  return new Reader(text, origin).read();
}

// No pattern here can match one character in two of its repetitions: matching is linear, whatever the text.
const literal = /(?:[^{}]+|\{\{|\}\})*/y;
const index = /(?:0|[1-9]\d*)(?!\d)/y;
const name = /\.([^\s.:!{}[\]'"]+)|\[(?:([^\s{}[\]'"]+)|'([^']*)'|"([^"]*)")\]/y;

class Reader {
  readonly #text: string;
  readonly #call: string;
  readonly #params: readonly string[] | undefined;
  #position = 0;

  constructor(text: string, { call, params }: KeyTemplateOrigin) {
    this.#text = text;
    this.#call = call;
    this.#params = params;
  }

  read(): TemplateParts {
    const literals = [this.#literal()];
    const placeholders: Placeholder[] = [];
    while (this.#position < this.#text.length) {
      placeholders.push(this.#placeholder());
      literals.push(this.#literal());
    }
    if (placeholders.length === 0 && this.#params !== undefined) throw this.#refusal(this.#adviceForNoPlace());
    return { literals, placeholders };
  }

  /** Reads up to the next place, or to the end. */
  #literal(): string {
    const [written = ''] = this.#take(literal) ?? [];
    if (this.#rest().startsWith('}')) {
      throw this.#refusal(`The '}' at character ${this.#character()} closes nothing: write '}}' for a brace.`);
    }
    return written.replaceAll('{{', '{').replaceAll('}}', '}');
  }

  #placeholder(): Placeholder {
    const opened = this.#position++;
    const argument = this.#argument(opened);
    const way = () => this.#text.slice(opened + 1, this.#position);
    const names: string[] = [];
    const paths = [way()];
    for (let match = this.#take(name); match !== undefined; match = this.#take(name)) {
      names.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
      paths.push(way());
    }
    if (!this.#rest().startsWith('}')) throw this.#refusal(this.#adviceForEnd(opened));
    this.#position++;
    return { argument, names, paths };
  }

  #argument(opened: number): number {
    const character = this.#character();
    const [digits] = this.#take(index) ?? [];
    if (digits !== undefined) return this.#numbered(Number(digits), character);
    const [itsName] = this.#take(identifierPattern()) ?? [];
    if (itsName !== undefined) return this.#named(itsName, character);
    throw this.#refusal(this.#adviceForArgument(opened));
  }

  #numbered(number: number, character: number): number {
    const last = (this.#params?.length ?? Infinity) - 1;
    if (number <= last) return number;
    throw this.#refusal(`There is no argument ${number} (character ${character}): the last in 'params' is {${last}}.`);
  }

  #named(itsName: string, character: number): number {
    const number = this.#params?.indexOf(itsName) ?? -1;
    if (number >= 0) return number;
    throw this.#refusal(this.#adviceForName(itsName, character));
  }

  #adviceForName(itsName: string, character: number): string {
    if (itsName === 'this') return `'this' is never part of a key (character ${character}).`;
    const complaint = `There is no argument '${itsName}' (character ${character})`;
    if (this.#params === undefined) {
      return `${complaint}: name all arguments by the option 'params', or write {0} for the first.`;
    }
    const nearest = nearestWord(itsName, this.#params);
    return nearest === undefined
      ? `${complaint}: 'params' names ${this.#params.join(', ')}.`
      : `${complaint}: did you mean '${nearest}'?`;
  }

  #adviceForArgument(opened: number): string {
    if (this.#isNeverClosed()) return this.#adviceForNoClosing(opened);
    if (!this.#rest().startsWith('}')) {
      return `Expected the number or the name of an argument at character ${this.#character()}.`;
    }
    return `There is nothing in the braces at character ${opened + 1}: write {${this.#firstArgument()}} for the first argument.`;
  }

  #adviceForEnd(opened: number): string {
    const character = this.#character();
    if (this.#isNeverClosed()) return this.#adviceForNoClosing(opened);
    if (/^[:!]/.test(this.#rest()))
      return `There are no formats or conversions, so '}' is expected at character ${character}.`;
    if (this.#rest().startsWith('.')) return `There is no name after the point at character ${character}.`;
    if (this.#rest().startsWith('[')) {
      return `Expected an index, a name or a name in quotes in the brackets at character ${character}.`;
    }
    return `Expected a point and a name, an index or a name in brackets, or '}' at character ${character}.`;
  }

  #adviceForNoClosing(opened: number): string {
    return `The '{' at character ${opened + 1} is not closed: write '}' after what it names, or '{{' for a brace.`;
  }

  #adviceForNoPlace(): string {
    return `It has no place for what 'params' names: write {${this.#firstArgument()}} for the first argument.`;
  }

  #isNeverClosed(): boolean {
    return /^(?:\{|[^}]*$)/.test(this.#rest());
  }

  #firstArgument(): string {
    return this.#params?.[0] ?? '0';
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#position += match[0].length;
    return match;
  }

  #rest(): string {
    return this.#text.slice(this.#position);
  }

  /** Counted from one, as people count. */
  #character(): number {
    return this.#position + 1;
  }

  #refusal(advice: string): InvalidOptionError {
    return new InvalidOptionError({
      call: this.#call,
      option: 'key',
      expected: expectedTemplate,
      received: this.#text,
      advice,
    });
  }
}
