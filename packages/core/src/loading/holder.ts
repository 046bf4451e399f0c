/** What the names of all holders of this process begin with; 48 bits that no other process has by chance. */
const ofProcess = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => hexadecimal(byte, 2)).join('');
let holders = 0;

/** A name for a holder that no other has: 20 hexadecimal digits. */
export function newHolder(): string {
  holders = (holders + 1) >>> 0;
  return ofProcess + hexadecimal(holders, 8);
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
