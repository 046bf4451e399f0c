import { describe, expect, it } from 'vitest';
import { asAscii, withoutSideEffects } from '../publishing/published-form.mjs';

const pure = '/* @__PURE__ */';

describe('what bundlers see of the variables of a module', () => {
  it.each([
    ['const a = f(1);', `const a = ${pure} (() => (f(1)))();`],
    ['const a = { ...b };', `const a = ${pure} (() => ({ ...b }))();`],
    ['const a = { b: c.d };', `const a = ${pure} (() => ({ b: c.d }))();`],
    ['const a = `${b}`;', `const a = ${pure} (() => (\`\${b}\`))();`],
    ['const a = f(), b = 1, c = [g()];', `const a = ${pure} (() => (f()))(), b = 1, c = ${pure} (() => ([g()]))();`],
    [`const a = ${pure} new Map([f()]);`, `const a = ${pure} ${pure} (() => (new Map([f()])))();`],
  ])('%s may be left out', (code, expected) => {
    expect(withoutSideEffects(code)).toBe(expected);
  });

  it.each([
    'const a = 1;',
    'const a = 10 * 60;',
    'let a;',
    'const a = () => f();',
    'const a = { b: [c, 1], d: () => f() };',
    `const a = ${pure} new WeakMap();`,
    'function f() { const a = g(); }',
    'f();',
  ])('%s stays as it is', (code) => {
    expect(withoutSideEffects(code)).toBe(code);
  });
});

describe('the characters of what is published', () => {
  it('are ASCII, and mean the same', () => {
    const code = asAscii("['…', /[µ-→]/u.test('→'), `\u{1f600}`]");
    expect(code).toMatch(/^[\x00-\x7f]+$/);
    expect(eval(code)).toEqual(['…', true, '\u{1f600}']);
  });

  it('are refused where an escape would be kept as it is written', () => {
    expect(() => asAscii('String.raw`…`')).toThrow('String.raw would keep an escape as it is written');
  });
});
