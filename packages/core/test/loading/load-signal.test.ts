import { LoadAbandonedError, loadSignal } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { LoadSignal, SharedLoadSignal } from '../../src/loading/load-signal.js';

const reason = new LoadAbandonedError('k');

describe('the signal of a load', () => {
  it('is that of the innermost load whose function is being called', () => {
    const [outer, inner] = [new LoadSignal(), new LoadSignal()];
    outer.during(() => {
      expect(LoadSignal.present).toBe(outer);
      inner.during(() => expect(loadSignal()).toBe(inner.signal));
      expect(loadSignal()).toBe(outer.signal);
    });
    expect(LoadSignal.present).toBeUndefined();
  });

  it('tells each who listens once, also who comes late', () => {
    const signal = new LoadSignal();
    const heard: unknown[] = [];
    signal.onAbort((why) => heard.push(why));
    expect(signal.isAborted).toBe(false);
    signal.abort(reason);
    signal.abort(reason);
    expect([signal.isAborted, heard]).toEqual([true, [reason]]);
    signal.onAbort((why) => heard.push(why));
    expect(heard).toEqual([reason, reason]);
  });
});

describe('the signal of a load for several others', () => {
  it('fires when the last of them has been given up, though one is given up twice', () => {
    const loads = [new LoadSignal(), new LoadSignal()];
    const shared = new SharedLoadSignal(loads);
    loads[0]!.abort(reason);
    loads[0]!.abort(reason);
    expect(shared.isAborted).toBe(false);
    loads[1]!.abort(reason);
    expect(shared.signal.reason).toBe(reason);
  });
});
