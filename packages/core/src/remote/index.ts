export { ServerAccess, type Question, type ServerAccessOptions } from './server-access.js';
export { tryUntil } from './tries.js';
export { ServerTime } from './server-time.js';
export type { MomentRange } from './clock-offset.js';
export { SerDeAccess, unreadableEntry } from './serde-access.js';
export {
  remoteStorageSettings,
  type RemoteStorageOptions,
  type RemoteStorageSettings,
} from './remote-storage-options.js';
