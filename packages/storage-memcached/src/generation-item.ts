import { Buffer } from 'node:buffer';
import type { Clock } from '@memo/core';
import type { Item, MemcachedServer, WriteNumber } from './client/memcached-server.js';
import { ContendedItemError } from './errors.js';
import { generationWithout, newGeneration, packGeneration, unpackGeneration, type Generation } from './generation.js';

const forEver = 0;
/** How often a change is tried again because another process was faster. */
const attempts = 20;
/** Longest pause before it is tried again, in milliseconds. */
const longestPause = 32;

/** A generation as it is on a server. */
export interface PresentGeneration {
  readonly generation: Generation;
  /** The write that made it so; those before it have smaller numbers. */
  readonly cas: WriteNumber;
}

/** What a server said last of its generation. */
interface Told {
  readonly bytes: Buffer;
  readonly generation: Generation;
  /** On which connection. */
  connection: number | undefined;
}

/**
 * The item that holds the generation of a namespace on one server. Every reading of an entry reads it, too, in the same
 * write to the server; those that are asked for together share it.
 */
export class GenerationItem {
  readonly #server: MemcachedServer;
  readonly #name: string;
  readonly #clock: Clock;
  /** What the server said last, so that the same bytes need not be understood again. */
  #last: Told | undefined;
  #reading: { readonly write: number; readonly item: Promise<Item | undefined> } | undefined;
  /** What this process changed last, and what it is to clear after that. */
  #lastChange: Promise<unknown> = Promise.resolve();
  #clearing: { readonly scopes: Set<string>; readonly done: Promise<unknown> } | undefined;

  constructor(server: MemcachedServer, name: string, clock: Clock) {
    this.#server = server;
    this.#name = name;
    this.#clock = clock;
  }

  /**
   * The generation as this process knows it: what it was when an entry was last read. `undefined` where there was none, or
   * where the connection is another one since: the server may have lost it.
   */
  get known(): Generation | undefined {
    const { connection } = this.#server;
    return connection !== undefined && this.#last?.connection === connection ? this.#last.generation : undefined;
  }

  /** The generation; `undefined` where there is none: then no entry on this server is valid. */
  async read(): Promise<PresentGeneration | undefined> {
    const item = await this.#sharedReading();
    const generation = this.#understood(item);
    return item && generation && { generation, cas: item.cas };
  }

  /** The generation; one begins where there is none. */
  begin(): Promise<Generation> {
    return this.#change((generation) => generation);
  }

  /** Makes invalid what this server holds of the keys that begin with `scope`. */
  async clear(scope: string): Promise<void> {
    this.#clearing ??= this.#clearNext();
    this.#clearing.scopes.add(scope);
    await this.#clearing.done;
  }

  /** Clears, once the change before it has ended, all scopes that have been asked for until then, in one change. */
  #clearNext(): { readonly scopes: Set<string>; readonly done: Promise<unknown> } {
    const scopes = new Set<string>();
    const done = this.#lastChange.then(() => {
      this.#clearing = undefined;
      return this.#change((generation) => generation && [...scopes].reduce(without, generation));
    });
    this.#lastChange = done.catch(() => undefined);
    return { scopes, done };
  }

  /** What is asked for before the reading was sent may share it: the answer will be younger than the question. */
  #sharedReading(): Promise<Item | undefined> {
    const { writes } = this.#server;
    if (this.#reading?.write !== writes) this.#reading = { write: writes, item: this.#server.get(this.#name) };
    return this.#reading.item;
  }

  /** Replaces the generation in one step, unless nothing is to change. One begins where there is none. */
  async #change(change: (generation: Generation | undefined) => Generation | undefined): Promise<Generation> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const item = await this.#server.get(this.#name);
      const present = this.#understood(item);
      const changed = change(present) ?? newGeneration();
      if (changed === present || (await this.#replace(item, changed))) return changed;
      await this.#pause(Math.min(longestPause, 2 ** attempt));
    }
    throw new ContendedItemError(attempts);
  }

  /** Of many that were too late at the same time, most would be so again. */
  #pause(most: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(resolve, Math.random() * most));
  }

  async #replace(item: Item | undefined, generation: Generation): Promise<boolean> {
    const bytes = packGeneration(this.#name, generation);
    const outcome =
      item === undefined
        ? await this.#server.add(this.#name, bytes, { expires: forEver })
        : await this.#server.set(this.#name, bytes, { expires: forEver, cas: item.cas });
    if (typeof outcome !== 'object') return false;
    this.#last = { bytes: Buffer.from(bytes), generation, connection: outcome.cas.connection };
    return true;
  }

  /** What cannot be read is none: the next writer begins one. */
  #understood(item: Item | undefined): Generation | undefined {
    if (item === undefined) this.#last = undefined;
    else if (this.#last?.bytes.equals(item.value) === true) this.#last.connection = item.cas.connection;
    else this.#last = this.#parsed(item);
    return this.#last?.generation;
  }

  #parsed({ value, cas }: Item): Told | undefined {
    try {
      const generation = unpackGeneration(this.#name, value);
      // A copy, since the bytes may be a small part of all that the server answered at that time.
      return { bytes: Buffer.from(value), generation, connection: cas.connection };
    } catch {
      return undefined;
    }
  }
}

function without(generation: Generation, scope: string): Generation {
  return generationWithout(scope, generation);
}
