const identities = new WeakMap<object, string>();
let nextNumber = 1;
let processName: string | undefined;

/**
 * Text for one object or function, which no other one has: in this process, in any other one, or after a restart. It
 * holds neither `:` nor `/`.
 */
export function identityOf(object: object): string {
  let identity = identities.get(object);
  if (identity === undefined) {
    processName ??= randomName();
    identity = `${processName}.${nextNumber++}`;
    identities.set(object, identity);
  }
  return identity;
}

/** Made at the first use: some runtimes have no randomness while modules load, and bare ones have no `crypto`. */
function randomName(): string {
  const numbers =
    typeof crypto === 'object'
      ? Array.from(crypto.getRandomValues(new Uint32Array(4)))
      : Array.from({ length: 4 }, () => Math.floor(Math.random() * 2 ** 32));
  return numbers.map((number) => number.toString(36)).join('');
}
