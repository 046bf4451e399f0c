/** How many bytes tell holders apart. */
const holderLength = 10;

/** A name for a holder that no other has: 20 hexadecimal digits. */
export function newHolder(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(holderLength));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
