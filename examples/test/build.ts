import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The tests start the programs as their readers do, so they have to be built. */
export function setup(): void {
  const bootstrap = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));
  execFileSync(process.execPath, [bootstrap, '@memo/examples'], { stdio: 'inherit' });
}
