/** What the names of all holders of this process begin with: 48 bits that no other process has by chance. */
let ofProcess: string | undefined;
/** What the latest 256 of them go on with, and how many there have been. */
let ofBlock = '';
let holders = 0;

const lastDigits = Array.from({ length: 256 }, (_, value) => hexadecimal(value, 2));

/** A name for a holder that no other has: 20 hexadecimal digits. It is no secret, so that any randomness will do. */
export function newHolder(): string {
  // Not before it is needed: some platforms have no randomness while modules are loaded.
  ofProcess ??= randomDigits() + randomDigits();
  holders = (holders + 1) >>> 0;
  if (ofBlock === '' || (holders & 255) === 0) ofBlock = ofProcess + hexadecimal(holders >>> 8, 6);
  return ofBlock + lastDigits[holders & 255]!;
}

function randomDigits(): string {
  return hexadecimal(Math.floor(Math.random() * 2 ** 24), 6);
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
