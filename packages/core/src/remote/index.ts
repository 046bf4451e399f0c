export { ServerAccess, type Question, type ServerAccessOptions } from './server-access.js';
export { ServerTime, type MomentRange } from './server-time.js';
