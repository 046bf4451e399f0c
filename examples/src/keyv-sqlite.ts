/**
 * A store that has nothing to do with memo as its storage: Keyv over a file of SQLite. Run it twice within a minute: the
 * second run finds what the first has loaded.
 *
 * Build once with `npm run build`, then: node examples/dist/keyv-sqlite.js
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memoizer, storageOver } from '@memo/core';
import { Keyv } from 'keyv';
import { SqliteStore } from './keyv/sqlite-store.js';

using file = new SqliteStore(process.env['CACHE_FILE'] ?? join(tmpdir(), 'memo-example.sqlite'));

// Left to itself Keyv keeps its failures to itself, and a delete that failed would pass for one that was done.
const storage = storageOver(new Keyv({ store: file, throwOnErrors: true }));
const memo = new Memoizer(storage, { namespace: 'users', expireAfter: '1 minute' });

const user = await memo.get('42', async () => ({ id: '42', loadedBy: process.pid }));
console.log(user.loadedBy === process.pid ? 'loaded by this process' : `loaded by process ${user.loadedBy}`);
