/** What a platform or a compiler has put beside `Symbol.iterator`. */
const symbols = Symbol as unknown as Readonly<Record<string, symbol | undefined>>;

/**
 * `Symbol.asyncDispose` and `Symbol.dispose`, the better one first. Where the platform lacks them they may come later, with a
 * polyfill; compilers of `using` take those of the registry instead.
 */
function disposeSymbols(): readonly symbol[] {
  return ['asyncDispose', 'dispose'].flatMap((name) => {
    const ofPlatform = symbols[name];
    const registered = Symbol.for(`Symbol.${name}`);
    return ofPlatform === undefined ? [registered] : [ofPlatform, registered];
  });
}

/** The method by which `value` is closed, if it has one. */
export function disposeMethodOf(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  for (const symbol of disposeSymbols()) {
    const method = (value as Readonly<Record<symbol, unknown>>)[symbol];
    if (typeof method === 'function') return () => Reflect.apply(method, value, []) as unknown;
  }
  return undefined;
}
