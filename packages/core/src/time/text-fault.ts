/** What is wrong with text that says nothing about time, or nothing that can be. */
export interface TextFault {
  readonly kind: 'fault';
  /** What is wrong, as a clause that begins a sentence: `Unknown unit 'minuets'`. */
  readonly wrong: string;
  /** The character at fault, counted from one, as people count; `undefined` where it is the text as a whole. */
  readonly character?: number | undefined;
  /** What was probably meant; each can be read. */
  readonly proposals?: readonly string[] | undefined;
  /** What is right, as a sentence. */
  readonly rule?: string | undefined;
}
