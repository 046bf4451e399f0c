export { ServerAccess, type Question, type ServerAccessOptions } from './server-access.js';
export { ServerTime } from './server-time.js';
export type { MomentRange } from './clock-offset.js';
