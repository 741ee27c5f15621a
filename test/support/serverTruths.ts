import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openTruth, type Truth } from '../../src/stores/postgres/openTruth.js';
import { postgresBinaries, startPostgres, type TestPostgres } from './postgresServer.js';

/** A PostgreSQL server that a test file shares, and truths on it that end with the test that asked for them. */
export interface ServerTruths {
  readonly postgres: TestPostgres;
  /** The truth of a new database, or one more pool on the database of `url`. */
  emptyTruth(url?: string): Promise<Truth>;
}

/** Whether there is a server to test against; where there is none, a test file skips its tests and says so. */
export function canRunPostgres(): boolean {
  const can = postgresBinaries() !== undefined;
  if (!can) console.warn('skipped: there is no PostgreSQL 15 or later on this machine');
  return can;
}

/** Starts the server before the file's tests, where `canRunPostgres`. */
export function serverTruths(settings: Readonly<Record<string, string>> = {}): ServerTruths {
  let postgres: TestPostgres;
  beforeAll(async () => {
    if (postgresBinaries() !== undefined) postgres = await startPostgres({ settings });
  });
  afterAll(() => postgres?.stop());
  return {
    get postgres() {
      return postgres;
    },
    emptyTruth: async (url) => {
      const truth = await openTruth({ postgresUrl: url ?? (await postgres.createDatabase()) });
      onTestFinished(() => truth.close());
      return truth;
    },
  };
}
