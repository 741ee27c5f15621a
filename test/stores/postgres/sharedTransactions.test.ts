import { expect, it } from 'vitest';
import { openPglite } from '../../../src/stores/postgres/pglite.js';
import { PostgresBehaviourLog } from '../../../src/stores/postgres/postgresBehaviourLog.js';
import { aBehaviourToLog } from '../../support/builders.js';
import { emptyTruth } from '../../support/emptyTruth.js';

it('tracks single events from 64 callers in a fraction of as many transactions', async () => {
  const sql = await openPglite('memory');
  await emptyTruth(sql);
  let transactions = 0;
  const log = new PostgresBehaviourLog({
    ...sql,
    transaction: (work) => {
      transactions += 1;
      return sql.transaction(work);
    },
  });
  const caller = async (): Promise<void> => {
    for (let call = 0; call < 20; call += 1) await log.append([aBehaviourToLog()]);
  };
  await Promise.all(Array.from({ length: 64 }, caller));
  console.log(`1280 single appends at concurrency 64: ${transactions} transactions`);
  expect(await log.count()).toBe(1_280);
  expect(transactions).toBeLessThanOrEqual(40);
  await sql.close();
});
