import type { Server } from '../contenders/shared-contender.js';
import type { Assignment } from './workload.js';

/** The server that the work needs, with a part of its keys for this kind of it. */
export function serverFor({ server, contender, workload }: Assignment): Server {
  if (server === undefined) throw new Error('There is no server');
  return { ...server, namespace: `${workload}-${contender.replace('/', '-')}` };
}
