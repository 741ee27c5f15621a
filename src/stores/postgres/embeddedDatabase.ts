import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirLock, lockDataDir } from './dataDirLock.js';
import { openPglite } from './pglite.js';
import type { Sql } from './sql.js';

const DATABASE = 'postgres';

/**
 * Opens the PGlite database of a data directory, which is made when it is not there, and holds the
 * directory's lock until `close`. A new database is made aside and moved into place when it is
 * whole: PGlite copies some thousand files for it, and a kill in between would leave a directory
 * that can never be opened.
 */
export async function openEmbeddedDatabase(dataDir: string): Promise<Sql> {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDataDir(dataDir);
  try {
    const directory = join(dataDir, DATABASE);
    if (!existsSync(directory)) await createDatabase(directory);
    return closing(await openPglite(directory), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function createDatabase(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  const created = await openPglite(draft);
  await created.close();
  renameSync(draft, directory);
}

function closing(sql: Sql, lock: DataDirLock): Sql {
  return {
    ...sql,
    close: async () => {
      try {
        await sql.close();
      } finally {
        lock.release();
      }
    },
  };
}
