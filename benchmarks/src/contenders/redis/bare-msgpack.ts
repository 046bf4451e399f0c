import { MsgpackSerDe } from '@memo/serde';
import { serdeOverRedis } from './serde-over-redis.js';

/** `getBuffer`, one command for each call, and what memo makes of the bytes: entries in MessagePack. */
export const contender = serdeOverRedis(() => new MsgpackSerDe());
