/** First in, first out. Taking the oldest of many costs no more than taking the oldest of few, as `shift` would. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** Where the oldest stands; what was before it has left. */
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  get oldest(): T | undefined {
    return this.#items[this.#first];
  }

  add(item: T): void {
    this.#items.push(item);
  }

  removeOldest(): void {
    if (this.size === 0) return;
    this.#items[this.#first++] = undefined;
    // The room of those who left is given back when it is the larger part.
    if (this.#first * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }

  /** Takes out all of them, the oldest first. */
  removeAll(): readonly T[] {
    const all = this.#items.slice(this.#first) as T[];
    this.#items = [];
    this.#first = 0;
    return all;
  }
}
