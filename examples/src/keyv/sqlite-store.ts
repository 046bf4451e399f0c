import sqlite, { type Database } from 'node-sqlite3-wasm';

/** A row of the table. */
interface Row {
  readonly key: string;
  readonly value: string;
}

/**
 * A file of SQLite as a store for Keyv. SQLite runs in WebAssembly here, so that it needs no compiler and no download but
 * its npm package; where another SQLite is at hand, `@keyv/sqlite` does the same.
 */
export class SqliteStore implements Disposable {
  /** By this Keyv knows that the store lists its rows. */
  readonly opts = { dialect: 'sqlite' };
  /** Set by Keyv: what the names of all its keys begin with. */
  namespace: string | undefined;
  readonly #database: Database;

  /** @param path - of the file, which is made if it is not there. */
  constructor(path: string) {
    this.#database = new sqlite.Database(path);
    // Other processes are waited for. What a crash of the computer loses can be loaded again.
    this.#database.exec('PRAGMA busy_timeout = 200; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY');
    this.#database.exec('CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL)');
    this.#database.run('DELETE FROM cache WHERE expires <= ?', [Date.now()]);
  }

  get(key: string): string | undefined {
    const row = this.#database.get('SELECT key, value FROM cache WHERE key = ?', [rowKeyOf(key)]);
    return (row as Row | null)?.value;
  }

  set(key: string, value: string, milliseconds?: number): void {
    const expires = milliseconds === undefined ? null : Date.now() + milliseconds;
    this.#database.run('INSERT OR REPLACE INTO cache VALUES (?, ?, ?)', [rowKeyOf(key), value, expires]);
  }

  delete(key: string): boolean {
    return this.#database.run('DELETE FROM cache WHERE key = ?', [rowKeyOf(key)]).changes > 0;
  }

  clear(): void {
    for (const [key] of this.#rows()) this.delete(key);
  }

  async *iterator(): AsyncGenerator<[key: string, value: string], void> {
    yield* this.#rows();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #rows(): [key: string, value: string][] {
    const rows = this.#database.all('SELECT key, value FROM cache') as unknown as Row[];
    const pairs = rows.map(({ key, value }): [string, string] => [JSON.parse(key) as string, value]);
    return pairs.filter(([key]) => this.namespace === undefined || key.startsWith(`${this.namespace}:`));
  }
}

/** A key as SQLite keeps it whole, also with characters at which a text would end there. */
function rowKeyOf(key: string): string {
  return JSON.stringify(key);
}
