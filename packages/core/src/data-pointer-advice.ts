import { nearestWord } from './nearest-word.js';

const suffixes = ['seconds', 'milliseconds', 'unix', 'ignore_missing'] as const;

/** Words for a unit that resemble it in nothing but what they mean. */
const otherWords: ReadonlyMap<string, (typeof suffixes)[number]> = new Map([
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['epoch', 'unix'],
  ['timestamp', 'unix'],
  ['optional', 'ignore_missing'],
]);

/**
 * Says what is wrong with text that is no data pointer, and what to write instead.
 *
 * @param position - where the first character stands that is wrong.
 * @param isRight - whether a proposal is a data pointer.
 */
export function adviceForDataPointer(text: string, position: number, isRight: (proposal: string) => boolean): string {
  const proposal = proposals(text, position).find(isRight);
  const ending = proposal === undefined ? '.' : `: did you mean '${proposal}'?`;
  return `${complaint(text, position)}${ending}`;
}

function complaint(text: string, position: number): string {
  const place = `at character ${position + 1}`;
  const rest = text.slice(position);
  if (text.trim() === '$') return `It points to the whole value: name a part of it, such as '$.expiresAt'`;
  if (!text.trimStart().startsWith('$')) return `A data pointer begins with '$'`;
  if (rest.startsWith(':')) return complaintAboutSuffix(text, position, place);
  if (/^\.?\*|^\[\*\]/.test(rest)) return `There are no wildcards: one pointer finds one part (${place})`;
  if (/^\.\s*(?:$|[.:[])/.test(rest)) return `There is no name after the point ${place}`;
  if (rest.startsWith('[')) return `Expected an index such as [0] or a name in quotes in the brackets ${place}`;
  if (/^\s/.test(rest)) return `A name with spaces stands in brackets and quotes (${place})`;
  return `Expected a point and a name, an index in brackets or a suffix ${place}`;
}

function complaintAboutSuffix(text: string, position: number, place: string): string {
  const written = suffixAt(text, position);
  if (pathAfterSuffix(text, position) !== undefined) return `Suffixes stand after the whole path (${place})`;
  if (text.slice(0, position).trim() === '$') return `There is no name before the suffix ${place}`;
  if (written === 'ignore_missing') return `The suffix ':ignore_missing' stands there twice (${place})`;
  if (isSuffix(written)) return `It has two units, of which the second stands ${place}`;
  return `Unknown suffix ':${written}' ${place}; there are ${suffixes.map((known) => `:${known}`).join(', ')}`;
}

/** What may have been meant, the likeliest first; not each of them is a data pointer. */
function proposals(text: string, position: number): readonly string[] {
  const before = text.slice(0, position);
  const rest = text.slice(position).trimEnd();
  if (!text.trimStart().startsWith('$')) return [`$.${text.trim()}`, `$${text.trim()}`];
  if (rest.startsWith(':')) return [pathAfterSuffix(text, position) ?? '', withSuffix(before, rest)];
  const [, words, ending] = /^([^.:[\]'"]*)(.*)$/s.exec(rest) ?? [];
  const inBrackets = nameInBrackets().exec(rest);
  return [
    ...(/^\s/.test(rest) ? [spacedName(before, words ?? '', ending ?? '')] : []),
    ...(inBrackets === null ? [] : [`${before}["${inBrackets[1]}"]${inBrackets[2] ?? ''}`]),
    `${before}.${rest}`,
    // Points that stand for nothing.
    before + rest.replace(/\.(?=\.|:|\[|$)/g, ''),
  ];
}

/** Made when it is needed: a literal with Unicode classes costs everybody who imports the package. */
function nameInBrackets(): RegExp {
  return new RegExp(String.raw`^\[\s*['"]?([\p{L}_$][^'"[\]]*?)['"]?\s*\]?([.:[].*)?$`, 'su');
}

/** A name that went on after the space is put in quotes. */
function spacedName(before: string, words: string, ending: string): string {
  const begin = before.lastIndexOf('.');
  return `${before.slice(0, begin)}["${before.slice(begin + 1)}${words}"]${ending}`;
}

/** The pointer whose path goes on behind a suffix, written in the right order; `undefined` if it does not. */
function pathAfterSuffix(text: string, position: number): string | undefined {
  const [, known, path, others] = /^(:[a-z_]+)([.[][^:]*)(.*)$/s.exec(text.slice(position).trimEnd()) ?? [];
  if (known === undefined || !isSuffix(known.slice(1))) return undefined;
  return `${text.slice(0, position)}${path}${known}${others}`;
}

function withSuffix(before: string, rest: string): string {
  const written = suffixAt(rest, 0);
  const known = otherWords.get(written.toLowerCase()) ?? nearestWord(written, suffixes);
  return known === undefined ? '' : `${before}:${known}${rest.slice(1 + written.length)}`;
}

function suffixAt(text: string, position: number): string {
  return /^[^\s:]*/.exec(text.slice(position + 1))?.[0] ?? '';
}

function isSuffix(word: string): boolean {
  return (suffixes as readonly string[]).includes(word);
}
