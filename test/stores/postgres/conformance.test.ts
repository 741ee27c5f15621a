import { afterAll, beforeAll } from 'vitest';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { behaviourLogConformance } from '../../conformance/behaviourLog.js';
import { catalogStoreConformance } from '../../conformance/catalogStore.js';
import { touchLedgerConformance } from '../../conformance/touchLedger.js';
import { userStoreConformance } from '../../conformance/userStore.js';
import { emptyTruth } from '../../support/emptyTruth.js';

let sql: Sql;
beforeAll(async () => {
  sql = await openPglite('memory');
});
afterAll(() => sql.close());

behaviourLogConformance('PGlite in memory', async () => (await emptyTruth(sql)).behaviourLog);
catalogStoreConformance('PGlite in memory', async () => (await emptyTruth(sql)).catalogStore);
userStoreConformance('PGlite in memory', async () => (await emptyTruth(sql)).userStore);
touchLedgerConformance('PGlite in memory', async () => (await emptyTruth(sql)).touchLedger);
