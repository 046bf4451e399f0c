/** What the names of all holders of this process begin with: 48 bits that no other process has by chance. */
let ofProcess: string | undefined;
let holders = 0;

/** A name for a holder that no other has: 20 hexadecimal digits. It is no secret, so that any randomness will do. */
export function newHolder(): string {
  // Not before it is needed: some platforms have no randomness while modules are loaded.
  ofProcess ??= randomDigits() + randomDigits();
  holders = (holders + 1) >>> 0;
  return ofProcess + hexadecimal(holders, 8);
}

function randomDigits(): string {
  return hexadecimal(Math.floor(Math.random() * 2 ** 24), 6);
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
