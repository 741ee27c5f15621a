import { expect, it } from 'vitest';
import { partitionOf } from '../../src/core/partitions.js';
import { verifyTouches } from '../../src/projection/verifyTouches.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { entriesOfLog } from '../../src/touch/homeEntries.js';
import { NOON_MS } from '../support/builders.js';
import { aRecord, DAY, ScriptedLedger } from '../touch/builders.js';

it('C6: a report of a channel that is in the ledger alone, or online alone, is a difference', async () => {
  const entriesWith = (failed?: 'undelivered') =>
    entriesOfLog(
      { records: [aRecord({ permitId: 'p', sentAtMs: NOON_MS, ...(failed && { failed }) })], marks: [] },
      'ann',
    );
  const pruneBeforeMs = NOON_MS - DAY;
  const partitions = [partitionOf('ann')];
  const differencesOf = async (online: 'undelivered' | undefined, told: 'undelivered' | undefined) => {
    const [store, ledger] = [new MemoryTouchStore(), new ScriptedLedger()];
    await store.restore(entriesWith(online), { pruneBeforeMs });
    await ledger.append(entriesWith(told));
    return (await verifyTouches({ store, ledger, partitions, pruneBeforeMs })).differenceCount;
  };
  expect(await differencesOf('undelivered', 'undelivered')).toBe(0);
  expect(await differencesOf('undelivered', undefined)).toBe(1);
  expect(await differencesOf(undefined, 'undelivered')).toBe(1);
});
