/** An entry on the books of a model. Those with one key in two forms are two. */
export interface Item {
  readonly form: 'key' | 'slot';
  readonly key: string;
  weight: number;
  reads: number;
}

/** What a strategy does, done plainly. */
export interface Model {
  read(form: Item['form'], key: string): void;
  /** @param weight - `undefined`: it could not be weighed. */
  write(form: Item['form'], key: string, weight: number | undefined): void;
  release(form: Item['form'], key: string): void;
  next(): Item | undefined;
  /** In the order in which the strategy lists them. */
  items(): readonly Item[];
}

/** How much there is room for. */
export interface ModelRoom {
  readonly limit: number;
  readonly isWeighed: boolean;
}

/** The next to go is the first in a list, to whose end all goes that is written, or read. */
export class OrderModel implements Model {
  #items: Item[] = [];
  readonly #room: ModelRoom;
  readonly #readsCount: boolean;

  constructor(room: ModelRoom, readsCount: boolean) {
    this.#room = room;
    this.#readsCount = readsCount;
  }

  read(form: Item['form'], key: string): void {
    const item = found(this.#items, form, key);
    if (item !== undefined && this.#readsCount) this.#items = [...without(this.#items, item), item];
  }

  write(form: Item['form'], key: string, weight: number | undefined): void {
    this.release(form, key);
    const item = { form, key, weight: weightIn(this.#room, weight), reads: 0 };
    const isTooHeavy = this.#room.isWeighed && item.weight > this.#room.limit;
    this.#items = isTooHeavy ? [item, ...this.#items] : [...this.#items, item];
  }

  release(form: Item['form'], key: string): void {
    this.#items = without(this.#items, found(this.#items, form, key));
  }

  next(): Item | undefined {
    return weightOf(this.#items) > this.#room.limit ? this.#items[0] : undefined;
  }

  items(): readonly Item[] {
    return this.#items;
  }
}

/** What S3-FIFO goes by. */
export interface S3FifoModelSettings {
  readonly promoteAfter: number;
  readonly smallLimit: number;
  readonly ghostLimit: number;
  readonly largestEntry: number;
  readonly mostSteps: number;
}

/** S3-FIFO in lists. */
export class S3FifoModel implements Model {
  readonly #room: ModelRoom;
  readonly #settings: S3FifoModelSettings;
  #small: Item[] = [];
  #main: Item[] = [];
  /** The latest, before it stands in a queue, and whether it comes back. */
  #latest: { readonly item: Item; readonly returns: boolean } | undefined;
  /** Those that are named until they have gone; those out of the small queue leave a ghost. */
  #named: { readonly item: Item; readonly leavesGhost: boolean }[] = [];
  #ghosts: { readonly key: string; readonly weight: number }[] = [];
  #stepsLeft = 0;

  constructor(room: ModelRoom, settings: S3FifoModelSettings) {
    this.#room = room;
    this.#settings = settings;
  }

  read(form: Item['form'], key: string): void {
    const item = found(this.items(), form, key);
    if (item !== undefined) item.reads = Math.min(3, item.reads + 1);
  }

  write(form: Item['form'], key: string, weight: number | undefined): void {
    this.#stepsLeft = this.#settings.mostSteps;
    const known = found(this.items(), form, key);
    const isNamed = this.#named.some(({ item }) => item === known);
    if (known === undefined || isNamed) {
      if (known !== undefined) this.#named = this.#named.filter(({ item }) => item !== known);
      this.#comeIn({ form, key, weight: weightIn(this.#room, weight), reads: 0 });
      return;
    }
    known.weight = weightIn(this.#room, weight);
    if (known.weight <= this.#settings.largestEntry) return;
    this.#forget(known);
    this.#named.push({ item: known, leavesGhost: false });
  }

  release(form: Item['form'], key: string): void {
    const known = found(this.items(), form, key);
    if (known === undefined) return;
    const named = this.#named.find(({ item }) => item === known);
    if (named?.leavesGhost === true) this.#remember(known);
    this.#forget(known);
  }

  next(): Item | undefined {
    const named = this.#named.find(({ leavesGhost }) => !leavesGhost) ?? this.#named[0];
    if (named !== undefined) return named.item;
    if (weightOf(this.items()) > this.#room.limit) return this.#nameOne();
    this.#settle();
    return undefined;
  }

  items(): readonly Item[] {
    return [
      ...this.#named.filter(({ leavesGhost }) => !leavesGhost).map((named) => named.item),
      ...this.#named.filter(({ leavesGhost }) => leavesGhost).map((named) => named.item),
      ...this.#small,
      ...this.#main,
      ...(this.#latest === undefined ? [] : [this.#latest.item]),
    ];
  }

  #comeIn(item: Item): void {
    this.#settle();
    const returns = this.#ghosts.some(({ key }) => key === item.key);
    this.#ghosts = this.#ghosts.filter(({ key }) => key !== item.key);
    if (item.weight > this.#settings.largestEntry) this.#named.push({ item, leavesGhost: false });
    else this.#latest = { item, returns };
  }

  #settle(): void {
    if (this.#latest === undefined) return;
    (this.#latest.returns ? this.#main : this.#small).push(this.#latest.item);
    this.#latest = undefined;
  }

  #nameOne(): Item | undefined {
    const { limit } = this.#room;
    const mainLimit = limit - this.#settings.smallLimit;
    let item: Item | undefined;
    if (weightOf(this.#main) <= mainLimit) {
      while ((item = this.#small.shift()) !== undefined) {
        if (!this.#mayStay(item, this.#settings.promoteAfter)) return this.#name(item, true);
        item.reads = 0;
        this.#main.push(item);
      }
    }
    while ((item = this.#main.shift()) !== undefined) {
      if (!this.#mayStay(item, 1)) return this.#name(item, false);
      item.reads--;
      this.#main.push(item);
    }
    item = this.#latest?.item;
    this.#latest = undefined;
    return item && this.#name(item, false);
  }

  #mayStay(item: Item, leastReads: number): boolean {
    return item.reads >= leastReads && this.#stepsLeft-- > 0;
  }

  #name(item: Item, leavesGhost: boolean): Item {
    this.#named.push({ item, leavesGhost });
    return item;
  }

  #remember({ key, weight }: Item): void {
    const ghost = { key, weight: Math.max(1, weight) };
    if (ghost.weight > this.#settings.ghostLimit) return;
    this.#ghosts.push(ghost);
    while (weightOf(this.#ghosts) > this.#settings.ghostLimit) this.#ghosts.shift();
  }

  #forget(item: Item): void {
    this.#small = without(this.#small, item);
    this.#main = without(this.#main, item);
    this.#named = this.#named.filter((named) => named.item !== item);
    if (this.#latest?.item === item) this.#latest = undefined;
  }
}

function weightIn({ limit, isWeighed }: ModelRoom, weight: number | undefined): number {
  if (!isWeighed) return 1;
  return weight ?? limit + 1;
}

function weightOf(items: readonly { readonly weight: number }[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0);
}

function found(items: readonly Item[], form: Item['form'], key: string): Item | undefined {
  return items.find((item) => item.form === form && item.key === key);
}

function without(items: readonly Item[], item: Item | undefined): Item[] {
  return items.filter((other) => other !== item);
}
