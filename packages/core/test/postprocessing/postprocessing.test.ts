import { describe, expect, it } from 'vitest';
import { DeepcopyPostprocessing } from '../../src/postprocessing/deepcopy-postprocessing.js';
import { NoPostprocessing } from '../../src/postprocessing/no-postprocessing.js';

const value = { name: 'a', friends: [new Map([['b', new Date(5)]])], nothing: undefined };

describe('NoPostprocessing', () => {
  it('hands over the value itself', () => {
    expect(new NoPostprocessing().apply(value)).toBe(value);
  });
});

describe('DeepcopyPostprocessing', () => {
  it('hands over a copy, all the way down', () => {
    const copy = new DeepcopyPostprocessing().apply(value);
    expect(copy).toEqual(value);
    copy.friends[0]?.set('b', new Date(6));
    expect(value.friends[0]?.get('b')).toEqual(new Date(5));
  });

  it.each([undefined, null, 0, '', 5n])('hands over %s', (primitive) => {
    expect(new DeepcopyPostprocessing().apply(primitive)).toBe(primitive);
  });

  it('throws for what cannot be copied', () => {
    expect(() => new DeepcopyPostprocessing().apply({ run: () => 1 })).toThrow('could not be cloned');
  });
});
