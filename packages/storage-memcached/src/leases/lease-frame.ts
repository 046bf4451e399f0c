import { Buffer } from 'node:buffer';
import { envelopeLayout, leaseBlock, seal, type FrameLease } from '@memo/serde';

/** Longest time that a lease can tell, in milliseconds: 49 days. */
const longestTime = 0xffff_ffff;
/**
 * How much longer than its lease an item is kept, in milliseconds: a holder whom nobody replaced may still publish. After a
 * rest so long, at least, its failures are remembered: the first rests are shorter than the pauses between those who ask.
 */
const grace = 30_000;

/** What a lease or a rest is to be. */
export interface LeaseTerms {
  /** 20 hexadecimal digits; `undefined` for a rest, which nobody holds. */
  readonly holder: string | undefined;
  /** For how many milliseconds. */
  readonly time: number;
  readonly failures: number;
}

/**
 * A lease, or a rest, that begins now, as it stands in an envelope.
 *
 * @param now - the present moment by the server's clock, epoch milliseconds. Where nobody knows it, no end is told.
 */
export function leaseAt(now: number | undefined, { holder, time, failures }: LeaseTerms): FrameLease {
  const whole = Math.min(Math.max(0, Math.ceil(time)), longestTime);
  return {
    holder: holder === undefined ? Buffer.alloc(envelopeLayout.leaseHolderLength) : Buffer.from(holder, 'hex'),
    time: whole,
    failures,
    awaited: false,
    end: now === undefined ? Infinity : now + whole,
  };
}

/**
 * How long an item is kept for its lease at least, in milliseconds. After a rest its failures are remembered as long again,
 * or longer.
 */
export function keptFor(lease: FrameLease | undefined): number {
  if (lease === undefined) return 0;
  return lease.time + (isRest(lease) ? Math.max(lease.time, grace) : grace);
}

/** Whether nobody holds it: the key rests after failed loads. */
export function isRest({ holder }: FrameLease): boolean {
  return holder.every((byte) => byte === 0);
}

/** Whether it is the lease of this holder. */
export function isHeldBy(lease: FrameLease | undefined, holder: string): boolean {
  return lease !== undefined && Buffer.from(lease.holder).toString('hex') === holder;
}

/** What a placeholder says beside its lease. */
export interface PlaceholderParts {
  /** The key as an envelope calls it. */
  readonly key: string;
  readonly generation: Uint8Array;
  /** @defaultValue random bytes */
  readonly version?: Uint8Array;
  readonly lease?: FrameLease;
}

/** The bytes of an item that holds a place and no value. */
export function placeholderOf({ key, generation, version = newVersion(), lease }: PlaceholderParts): Uint8Array {
  return seal({
    key,
    payload: new Uint8Array(0),
    format: '',
    failed: false,
    placeholder: true,
    started: 0,
    created: 0,
    updateAfter: 0,
    expiresAfter: 0,
    keepUntil: 0,
    version,
    generation,
    ...(lease && { lease }),
  });
}

/** Random bytes that tell one write from every other. */
export function newVersion(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(envelopeLayout.versionLength));
}

/** The same bytes with another lease; `undefined` for none. */
export function withLease(envelope: Uint8Array, lease: FrameLease | undefined): Uint8Array {
  const changed = Uint8Array.from(envelope);
  changed.set(leaseBlock(lease), envelopeLayout.lease);
  return changed;
}
