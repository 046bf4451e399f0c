import { Buffer } from 'node:buffer';
import { InvalidCallError, type Lease, type LeaseAnswer, type LeaseRequest, type LeaseRest } from '@memo/core';
import type { Question } from '@memo/core/remote';
import { envelopeLayout, seal } from '@memo/serde';
import { asBuffer, doubleOf } from './bytes.js';
import type { EntryNames } from './entry-name.js';
import type { LeaseWatches } from './lease-watches.js';
import { giveBackScript, leaseScript, publishScript, renewScript } from './scripts/lease-scripts.js';
import type { Script, ScriptValue } from './scripts/script.js';

/** The longest lease, in milliseconds: an envelope has 32 bits for it. */
const longestTime = 0xffff_ffff;

/** A question about one key. */
export type KeyQuestion = Question & { readonly key: string };

/** What leases need of their storage. */
export interface LeaseTraits {
  readonly names: EntryNames;
  /** Carries a script out on the entry of a key. */
  readonly run: (question: KeyQuestion, script: Script, ...values: ScriptValue[]) => Promise<unknown>;
  /** What scripts that need the present moment are told first: whose clock counts, and what this process knows of it. */
  readonly presentMoment: () => readonly [clock: 'server' | 'own', moment: string];
  /** On which scripts tell that a lease has ended. */
  readonly channel: string;
  /** Absent where the client cannot open another connection. */
  readonly watches: LeaseWatches | undefined;
}

/** What the holder has seen: an entry, or when it was created as that stands in an envelope. */
export interface RedisLeaseRequest extends Omit<LeaseRequest, 'seen'> {
  readonly seen: LeaseRequest['seen'] | Buffer;
}

/** The answer to a request for a lease, with an entry that is still to be read. */
export type RedisLeaseAnswer =
  Exclude<LeaseAnswer, { readonly state: 'present' }> | { readonly state: 'present'; readonly envelope: Buffer };

/** The leases of a storage, each in the header of the envelope that is or will be its entry. */
export class RedisLeases {
  readonly #traits: LeaseTraits;

  constructor(traits: LeaseTraits) {
    this.#traits = traits;
  }

  /** @param since - when the operation began. @throws StorageFailedError */
  async acquire(key: string, { holder, seen, time }: RedisLeaseRequest, since: number): Promise<RedisLeaseAnswer> {
    const { names, run, presentMoment, watches } = this.#traits;
    const values = [holderIn(holder), seenIn(seen), wholeTime(time), this.#placeholder(key)] as const;
    // Made before: what happens between the answer and a later watch would be missed.
    const watch = watches?.watch(names.nameOf(key));
    let isWaiting = false;
    try {
      const late = (answer: unknown): void => this.#giveBackIfGranted(key, holder, answer);
      const answer = await run({ operation: 'lease', key, since, late }, leaseScript, ...presentMoment(), ...values);
      const [state, first, second] = answer as [state: Buffer, first: unknown, second: unknown];
      switch (state.toString()) {
        case 'granted':
          return { state: 'granted', lease: this.#leaseOf(key, holder, Number(first)) };
        case 'present':
          return { state: 'present', envelope: first as Buffer };
        case 'resting':
          return { state: 'resting', remaining: Number(first), failures: Number(second) };
        default:
          isWaiting = watches?.listen() ?? false;
          return { state: 'held', remaining: Number(first), ...(isWaiting && watch && { watch }) };
      }
    } finally {
      if (!isWaiting) watch?.stop();
    }
  }

  /** Keeps the envelope, for as many milliseconds, if the lease is still held. Resolves to whether it was. */
  async publish(key: string, { holder }: Lease, envelope: Buffer, lifetime: number): Promise<boolean> {
    if (!isHolder(holder)) return false;
    const values = [holderIn(holder), this.#traits.channel, envelope, lifetime];
    return isDone(await this.#traits.run({ operation: 'offer', key }, publishScript, ...values));
  }

  /**
   * What was granted when nobody waited for it any more would keep all others from loading; unless the same holder has
   * asked again since.
   */
  #giveBackIfGranted(key: string, holder: string, answer: unknown): void {
    const [state, , end] = answer as [state: Buffer, failures: number, end: Buffer];
    if (state.toString() === 'granted') this.#giveBack(key, holder, undefined, end).catch(() => undefined);
  }

  #leaseOf(key: string, holder: string, failures: number): Lease {
    const { run, presentMoment } = this.#traits;
    return {
      holder,
      failures,
      renew: async (time) => {
        const values = [...presentMoment(), holderIn(holder), wholeTime(time)];
        return isDone(await run({ operation: 'renew', key }, renewScript, ...values));
      },
      giveBack: (rest) => this.#giveBack(key, holder, rest),
    };
  }

  /** @param end - of the lease that is meant, as it stands in the envelope; any by default. */
  async #giveBack(key: string, holder: string, rest: LeaseRest | undefined, end: ScriptValue = ''): Promise<boolean> {
    const { run, presentMoment, channel } = this.#traits;
    const values = [channel, rest === undefined ? 0 : wholeTime(rest.milliseconds), rest?.failures ?? 0, end];
    const question = { operation: 'giveBack', key };
    return isDone(await run(question, giveBackScript, ...presentMoment(), holderIn(holder), ...values));
  }

  /** The envelope of a key that has no value yet. */
  #placeholder(key: string): Buffer {
    const moments = { started: 0, created: 0, updateAfter: 0, expiresAfter: 0, keepUntil: 0 };
    const frame = { key: this.#traits.names.labelOf(key), payload: new Uint8Array(0), format: '', failed: false };
    const version = new Uint8Array(envelopeLayout.versionLength);
    return asBuffer(seal({ ...frame, ...moments, version, placeholder: true }));
  }
}

/** When the entry of an envelope was created, as it stands there. */
export function createdIn(envelope: Buffer): Buffer {
  return envelope.subarray(envelopeLayout.created, envelopeLayout.created + 8);
}

function isHolder(holder: string): boolean {
  return /^(?!0*$)[\da-f]{20}$/i.test(holder);
}

/** The holder as it stands in an envelope. @throws InvalidCallError */
function holderIn(holder: string): Buffer {
  if (isHolder(holder)) return Buffer.from(holder, 'hex');
  throw new InvalidCallError('lease', `20 hexadecimal digits, not all of them 0, as its 'holder'`, holder);
}

/** What was seen as the script compares it. */
function seenIn(seen: RedisLeaseRequest['seen']): ScriptValue {
  if (seen === undefined || seen === 'any' || Buffer.isBuffer(seen)) return seen ?? '';
  return doubleOf(seen.created);
}

function wholeTime(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), longestTime);
}

function isDone(answer: unknown): boolean {
  return Number(answer) === 1;
}
