import type { Lock } from '../../src/storage/lock.js';
import { lockContract } from '../../src/testing/index.js';
import { type Duration, toMilliseconds } from '../../src/time/duration.js';
import { proveContract, type Wrong } from './prove-contract.js';

/** What the handles of one lock share. */
class Hold {
  holder: Lock | undefined;
  readonly waiting = new Set<() => void>();
}

type LockClass = new (hold: Hold) => Lock;

/** A right lock; who waits tries again whenever it is given back. */
class Reference implements Lock {
  readonly hold: Hold;

  constructor(hold: Hold) {
    this.hold = hold;
  }

  async acquire(timeout: Duration): Promise<boolean> {
    const end = Date.now() + toMilliseconds(timeout, { call: 'acquire', option: 'timeout' });
    while (!this.taken()) {
      if (Date.now() >= end) return false;
      await this.change(end - Date.now());
    }
    return true;
  }

  async release(): Promise<void> {
    if (this.hold.holder !== this) return;
    this.free();
  }

  protected taken(): boolean {
    this.hold.holder ??= this;
    return this.hold.holder === this;
  }

  protected free(): void {
    this.hold.holder = undefined;
    for (const wake of this.hold.waiting) wake();
  }

  protected change(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), limit);
      const wake = (): void => {
        clearTimeout(timer);
        this.hold.waiting.delete(wake);
        resolve();
      };
      this.hold.waiting.add(wake);
    });
  }
}

const wrong: Readonly<Record<string, Wrong<LockClass>>> = {
  free: [
    'gives up before it has tried',
    class extends Reference {
      override async acquire(timeout: Duration): Promise<boolean> {
        return timeout === 0 ? false : super.acquire(timeout);
      }
    },
  ],
  'one-holder': [
    'lets everyone in',
    class extends Reference {
      override async acquire(): Promise<boolean> {
        return true;
      }
    },
  ],
  race: [
    'looks first and takes later',
    class extends Reference {
      override async acquire(): Promise<boolean> {
        const free = this.hold.holder === undefined;
        await Promise.resolve();
        if (free) this.hold.holder = this;
        return free;
      }
    },
  ],
  'try-once': [
    'waits a second where it should not wait',
    class extends Reference {
      override acquire(timeout: Duration): Promise<boolean> {
        return super.acquire(timeout === 0 ? 1_000 : timeout);
      }
    },
  ],
  'times-out': [
    'never waits',
    class extends Reference {
      override acquire(): Promise<boolean> {
        return super.acquire(0);
      }
    },
  ],
  'hand-over': [
    'does not hear that the lock was given back',
    class extends Reference {
      override free(): void {
        this.hold.holder = undefined;
      }
    },
  ],
  'given-up': [
    'still takes the lock when nobody waits for it any more',
    class extends Reference {
      override async acquire(timeout: Duration): Promise<boolean> {
        const had = await super.acquire(timeout);
        if (!had) void super.acquire('1 second');
        return had;
      }
    },
  ],
  owner: [
    'lets anyone give the lock back',
    class extends Reference {
      override async release(): Promise<void> {
        this.free();
      }
    },
  ],
  'released-twice': [
    'fails when it has nothing to give back',
    class extends Reference {
      override async release(): Promise<void> {
        if (this.hold.holder !== this) throw new Error('not held');
        this.free();
      }
    },
  ],
};

proveContract(
  'lockContract',
  (runner, Implementation: LockClass) =>
    lockContract(runner, () => {
      const hold = new Hold();
      return { first: new Implementation(hold), second: new Implementation(hold) };
    }),
  [Reference],
  wrong,
);
