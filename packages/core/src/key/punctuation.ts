/**
 * How a list is written: what stands before each of its parts and at its end. Quotes and commas that follow each other
 * are one text, because each text that a key is put together of takes time.
 */
export interface Punctuation {
  /** What stands before a part, by `before(written, inQuotes)`. */
  readonly openings: readonly string[];
  /** What stands at the end, by what was written. */
  readonly closings: readonly [string, string, string];
}

/** What was written of a list so far: nothing, a part that is complete, or one that still lacks its closing quote. */
export type Written = 0 | 1 | 2;
export const nothing = 0;
export const aWhole = 1;
export const aQuote = 2;

/** Which of the openings stands before the next part, which is text in quotes or anything else. */
export function openingBetween(written: Written, inQuotes: boolean): number {
  return inQuotes ? written * 2 + 1 : written * 2;
}

function listIn(open: string, close: string): Punctuation {
  return {
    openings: [open, `${open}"`, ',', ',"', '",', '","'],
    closings: [open + close, close, `"${close}`],
  };
}

export const inParentheses = listIn('(', ')');
export const inBrackets = listIn('[', ']');
export const inBraces = listIn('{', '}');
