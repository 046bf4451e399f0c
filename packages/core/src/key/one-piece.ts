/** V8 copies shorter texts when it joins them; of longer ones it remembers the pieces. */
const shortestInPieces = 13;

/**
 * The same text in one piece. A Map would put a text of many pieces together twice at a look-up, to hash it and to
 * compare it, and one that stays in the Map would hold on to its pieces.
 */
export function inOnePiece(text: string): string {
  if (text.length < shortestInPieces) return text;
  // Engines put a text together before they look for white space, and give back that one where there is none.
  const whole = text.trimEnd();
  return whole.length === text.length ? whole : text;
}
