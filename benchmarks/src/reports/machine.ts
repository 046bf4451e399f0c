import { cpus } from 'node:os';

/** What this is measured on, in words. */
export function machine(): string {
  const [processor] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`;
}
