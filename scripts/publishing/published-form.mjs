/** What is done to the JavaScript of a package for those who load or bundle it, after it is one file or a few. */
import { parseAst } from 'vite';

/** @typedef {{ type: string, start: number, end: number } & Record<string, any>} Node */

/** What stands before a call that nobody misses if its outcome is not used. */
const pure = '/* @__PURE__ */ ';

/** @returns {import('vite').Plugin} */
export function publishedForm() {
  return {
    name: 'published-form',
    // After all that would print the code anew.
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = asAscii(withoutSideEffects(chunk.code));
      }
    },
  };
}

/**
 * Lets bundlers see, variable by variable, that importing a module does nothing. `sideEffects: false` says it of whole
 * files, which is of no use where a package is one file.
 *
 * @param {string} code
 */
export function withoutSideEffects(code) {
  let rest = code.length;
  const parts = [];
  for (const { start, end } of effectsIn(code).reverse()) {
    parts.push(code.slice(end, rest), `${pure}(() => (${code.slice(start, end)}))()`);
    rest = start;
  }
  return [code.slice(0, rest), ...parts.reverse()].join('');
}

/** The values of variables that a bundler has to make, as far as it knows. @param {string} code @returns {Node[]} */
function effectsIn(code) {
  const statements = /** @type {Node[]} */ (/** @type {unknown} */ (parseAst(code).body));
  const declarations = statements.filter(({ type }) => type === 'VariableDeclaration');
  const declarators = declarations.flatMap((declaration) => declaration['declarations']);
  return declarators.map(({ init }) => init).filter((/** @type {Node | null} */ value) => mayHaveEffects(value, code));
}

/** @param {Node | null} value @param {string} code @returns {boolean} */
function mayHaveEffects(value, code) {
  if (value === null) return false;
  const mayAlso = (/** @type {Node | null} */ part) => mayHaveEffects(part, code);
  switch (value.type) {
    case 'Literal':
    case 'Identifier':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
    case 'ClassExpression':
      return false;
    case 'ArrayExpression':
      return value.elements.some(mayAlso);
    case 'ObjectExpression':
      return value.properties.some((/** @type {Node} */ property) => !isPlain(property) || mayAlso(property.value));
    case 'BinaryExpression':
      return value.left.type !== 'Literal' || value.right.type !== 'Literal';
    case 'NewExpression':
    case 'CallExpression':
      return !code.endsWith(pure, value.start) || value.arguments.some(mayAlso);
    default:
      return true;
  }
}

/** Whether a property of an object is neither spread into it nor has a computed name. @param {Node} property */
function isPlain({ type, computed }) {
  return type === 'Property' && !computed;
}

/** One character beyond Latin-1 would let the text of the whole file take two bytes for each. @param {string} code */
export function asAscii(code) {
  if (/String\.raw`[^`]*[^\x00-\x7f]/.test(code)) throw new Error('String.raw would keep an escape as it is written');
  return code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
