import { afterAll, beforeAll } from 'vitest';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { truthConformance } from '../../conformance/truth.js';
import { emptyTruth } from '../../support/emptyTruth.js';

let sql: Sql;
beforeAll(async () => {
  sql = await openPglite('memory');
});
afterAll(() => sql.close());

truthConformance('PGlite in memory', () => emptyTruth(sql));
