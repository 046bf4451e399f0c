/** What is shown while something runs: one line that is redrawn on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #label: string;
  #shownAt = -Infinity;

  constructor(label: string) {
    this.#label = label;
  }

  /** @param share - how much is done, from 0 to 1. */
  show(share: number, news: string): void {
    const now = performance.now();
    const terminal = process.stdout.isTTY;
    if (share < 1 && now - this.#shownAt < (terminal ? 100 : 2000)) return;
    this.#shownAt = now;
    const line = `  ${this.#label}  ${bar(share)}  ${news}`;
    process.stdout.write(terminal ? `\r\u001b[2K${line}${share < 1 ? '' : '\n'}` : `${line}\n`);
  }
}

function bar(share: number): string {
  const width = 20;
  const done = Math.floor(share * width);
  return `[${'#'.repeat(done)}${'.'.repeat(width - done)}]`;
}
