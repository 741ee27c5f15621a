import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../../src/core/time.js';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import { PostgresBehaviourLog } from '../../../src/stores/postgres/postgresBehaviourLog.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { aBehaviourToLog } from '../../support/builders.js';
import { steppableClock } from '../../support/clock.js';
import { emptyTruth } from '../../support/emptyTruth.js';

let sql: Sql;
beforeAll(async () => {
  sql = await openPglite('memory');
});
beforeEach(() => emptyTruth(sql));
afterAll(() => sql.close());

/** As though the database had last been opened a month ago: the furthest month is not there yet. */
async function dropFurthestMonth(): Promise<string> {
  const [last] = (await months()).slice(-1);
  await sql.exec(`DROP TABLE ${last}`);
  return last!;
}

async function months(): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent = 'behaviours'::regclass AND inhrelid <> 'behaviours_default'::regclass ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}

it('appends make the tables of the coming months when the month changes, and not before', async () => {
  const clock = steppableClock();
  const log = new PostgresBehaviourLog(sql, clock);
  const furthest = await dropFurthestMonth();
  await log.append([aBehaviourToLog()]);
  await log.append([aBehaviourToLog()]);
  expect(await months()).not.toContain(furthest);
  clock.stepMs(31 * DAY_MS);
  await log.append([aBehaviourToLog()]);
  await vi.waitUntil(async () => (await months()).includes(furthest));
  expect(await log.count()).toBe(3);
});

it('appends go on when tables cannot be made, and try again', async () => {
  const clock = steppableClock();
  const log = new PostgresBehaviourLog(sql, clock);
  const furthest = await dropFurthestMonth();
  await sql.exec('ALTER FUNCTION ensure_monthly_partitions RENAME TO not_to_be_found');
  clock.stepMs(31 * DAY_MS);
  const [outcome] = await log.append([aBehaviourToLog()]);
  expect(outcome?.status).toBe('accepted');
  await sql.exec('ALTER FUNCTION not_to_be_found RENAME TO ensure_monthly_partitions');
  await vi.waitUntil(async () => {
    await log.append([aBehaviourToLog()]);
    return (await months()).includes(furthest);
  });
});
