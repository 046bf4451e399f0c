import { Buffer } from 'node:buffer';
import type { Clock } from '@memo/core';
import { ServerTime } from '@memo/core/remote';
import type { MemcachedServer, TakenItem } from './client/memcached-server.js';
import { ServerReplyError } from './errors.js';
import { exptimeOf } from './exptime.js';
import type { Generation } from './generation.js';
import { GenerationItem, type PresentGeneration } from './generation-item.js';

/** What an item takes beside its key and its value, in bytes: 59 in Memcached 1.6, and room for those to come. */
const itemOverhead = 128;
/** How large an item may be unless the server was told otherwise, in bytes. */
const usualItemSize = 1_024 * 1_024;

/** What must be known of a server to write an item. */
export interface WritingTerms {
  readonly generation: Generation;
  /** Most bytes that its value may have. More must not be sent: the server would refuse it, and delete what it has. */
  readonly mostBytes: number;
}

/** Takes what is found under the name at a place, and the generation that was read with it. */
export type TakeItem = (place: number, item: TakenItem, present: PresentGeneration | undefined) => void;

/** What a server tells about writing, for items of any name. */
interface Asked {
  readonly generation: Generation;
  /** How large an item may be, in bytes. */
  readonly itemSize: number;
}

/** One of the servers that keep a namespace, and what this process knows of it. */
export class Shard {
  readonly server: MemcachedServer;
  readonly generation: GenerationItem;
  readonly time = new ServerTime();
  #asking: Promise<Asked> | undefined;
  #limit: { readonly connection: number | undefined; readonly itemSize: number } | undefined;

  constructor(server: MemcachedServer, generationName: string, clock: Clock) {
    this.server = server;
    this.generation = new GenerationItem(server, generationName, clock);
  }

  get name(): string {
    return this.server.name;
  }

  /** Compares the clocks if that was long ago; nobody waits for it. The server looks at its clock about once a second. */
  compareTime(): void {
    this.time.compare(async () => {
      const second = Number((await this.server.stats()).get('time')) * 1_000;
      // It tells whole seconds, and what it saw when it looked last.
      return { earliest: second, latest: second + 2_000 };
    });
  }

  /**
   * Reads items in one piece, together with the generation that says whether they count.
   *
   * @param take - is told of each name by its place, in their order and as they come, once the generation is known. It does
   *   not throw.
   * @returns resolves after the last.
   */
  async readEach(names: readonly string[], take: TakeItem): Promise<void> {
    const early: TakenItem[] = [];
    let generation: { readonly present: PresentGeneration | undefined } | undefined;
    const reading = this.generation.read().then((present) => {
      generation = { present };
      for (const [place, item] of early.splice(0).entries()) take(place, item, present);
    });
    const answering = this.server.getEach(names, (place, item) => {
      if (generation === undefined) early.push(item);
      else take(place, item, generation.present);
    });
    await Promise.all([reading, answering]);
  }

  /** The `exptime` of an item that is to live for so many milliseconds. */
  exptimeOf(lifetime: number): number {
    return exptimeOf(lifetime, this.time.now());
  }

  /** What must be known to write an item named `name`; `undefined` where the server must be asked first. */
  knownFor(name: string): WritingTerms | undefined {
    const { known } = this.generation;
    const limit = this.#limit;
    // A server that was started anew may have other settings.
    const isOfNow = limit?.connection !== undefined && limit.connection === this.server.connection;
    return known && isOfNow ? { generation: known, mostBytes: mostBytesOf(name, limit.itemSize) } : undefined;
  }

  /** Asks for it; those who ask at the same time, once. */
  async askFor(name: string): Promise<WritingTerms> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    const { generation, itemSize } = await this.#asking;
    return { generation, mostBytes: mostBytesOf(name, itemSize) };
  }

  async #ask(): Promise<Asked> {
    const asking = Promise.all([this.generation.begin(), this.#itemSize()]);
    // The one that is asked; when the answers are there, there may be another one.
    const { connection } = this.server;
    const [generation, itemSize] = await asking;
    this.#limit = { connection, itemSize };
    return { generation, itemSize };
  }

  async #itemSize(): Promise<number> {
    try {
      const told = Number((await this.server.stats('settings')).get('item_size_max'));
      return Number.isInteger(told) ? told : usualItemSize;
    } catch (error) {
      // What is not Memcached itself, but speaks like it, may not tell its settings.
      if (ServerReplyError.isInstance(error)) return usualItemSize;
      throw error;
    }
  }
}

function mostBytesOf(name: string, itemSize: number): number {
  return itemSize - itemOverhead - Buffer.byteLength(name);
}
