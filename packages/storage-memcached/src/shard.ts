import { Buffer } from 'node:buffer';
import type { Clock } from '@memo/core';
import { ServerTime } from '@memo/core/remote';
import type { MemcachedServer } from './client/memcached-server.js';
import { ServerReplyError } from './errors.js';
import { exptimeOf } from './exptime.js';
import { GenerationItem } from './generation-item.js';

/** What an item takes beside its key and its value, in bytes: 59 in Memcached 1.6, and room for those to come. */
const itemOverhead = 128;
/** How large an item may be unless the server was told otherwise, in bytes. */
const usualItemSize = 1_024 * 1_024;

/** One of the servers that keep a namespace, and what this process knows of it. */
export class Shard {
  readonly server: MemcachedServer;
  readonly generation: GenerationItem;
  readonly time = new ServerTime();
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

  /** The `exptime` of an item that is to live for so many milliseconds. */
  exptimeOf(lifetime: number): number {
    return exptimeOf(lifetime, this.time.now());
  }

  /** Most bytes that the value of an item named `name` may have here; `undefined` where the server must be asked first. */
  mostBytesKnownOf(name: string): number | undefined {
    const limit = this.#limit;
    // A server that was started anew may have other settings.
    const isOfNow = limit?.connection !== undefined && limit.connection === this.server.connection;
    return isOfNow ? mostBytesOf(name, limit.itemSize) : undefined;
  }

  /**
   * Asks how large an item may be. More must not be sent: the server would refuse it, and delete what it has.
   *
   * @returns most bytes that the value of an item named `name` may have.
   */
  async askMostBytesOf(name: string): Promise<number> {
    const itemSize = await this.#itemSize();
    this.#limit = { connection: this.server.connection, itemSize };
    return mostBytesOf(name, itemSize);
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
