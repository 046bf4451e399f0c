import { describe, expect, it } from 'vitest';
import { Absences, absencesInProcess } from '../../src/loading/absences.js';

describe('Absences', () => {
  it('of a key end with what was called, or loaded, later', () => {
    const absences = new Absences();
    absences.add('a', 5);
    absences.delete('a', 4);
    expect(absences.includes('a')).toBe(true);
    absences.delete('a', 5);
    expect(absences.includes('a')).toBe(false);
  });

  it('of a scope are those of its keys, but for what has been replaced since', () => {
    const absences = new Absences();
    absences.addScope('f:', 5);
    expect([absences.includes('f:a'), absences.includes('g:a')]).toEqual([true, false]);
    absences.delete('f:a', 4);
    expect(absences.includes('f:a')).toBe(true);
    absences.delete('f:a', 6);
    expect([absences.includes('f:a'), absences.includes('f:b')]).toEqual([false, true]);
  });

  it('of what was replaced begin anew when the scope was to be cleared again', () => {
    const absences = new Absences();
    absences.addScope('f:', 5);
    absences.delete('f:a', 6);
    absences.addScope('f:', 7);
    expect(absences.includes('f:a')).toBe(true);
  });

  it('end with a wider scope, if that was cleared later', () => {
    const absences = new Absences();
    absences.addScope('f:', 5);
    absences.add('f:a', 6);
    absences.add('f:b', 8);
    absences.add('g:a', 6);
    absences.deleteScope('f', 7);
    expect(['f:a', 'f:b', 'f:c', 'g:a'].map((key) => absences.includes(key))).toEqual([false, true, false, true]);
  });

  it('are counted, so that none are looked for where there are none', () => {
    const before = absencesInProcess.count;
    const absences = new Absences();
    absences.add('a', 1);
    absences.add('a', 2);
    absences.addScope('f:', 3);
    absences.addScope('f:', 4);
    expect(absencesInProcess.count).toBe(before + 2);
    absences.delete('a', 2);
    absences.deleteScope('', 5);
    expect(absencesInProcess.count).toBe(before);
  });
});
