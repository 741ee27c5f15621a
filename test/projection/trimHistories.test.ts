import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/core/partitions.js';
import { HISTORY_KEPT, HISTORY_TRIMMED_ABOVE, historyChecksum } from '../../src/projection/keptHistory.js';
import { recordsOf } from '../../src/projection/packedHistory.js';
import { MAX_USERS_A_STEP } from '../../src/projection/projectionSteps.js';
import { HistoryTrimmer } from '../../src/projection/trimHistories.js';
import { MemoryProjectionStore } from '../../src/stores/memory/memoryProjectionStore.js';
import { PlainTruth } from './world.js';

const partition = partitionOf('robot');
const owner = 'me';

describe('the trimmer of histories', () => {
  it('cuts back who does more than is kept, and changes nothing that counts', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const trimmer = new HistoryTrimmer({ store, owner });
    await store.lease({ partition, owner, ttlMs: 60_000 });
    let fromSeq = 0;
    const lengths: number[] = [];
    while (fromSeq < 3 * HISTORY_TRIMMED_ABOVE) {
      const rows = truth.browses('robot', MAX_USERS_A_STEP);
      const toSeq = rows.at(-1)?.seq ?? 0;
      await store.append(
        { partition, owner, fromSeq, toSeq },
        new Map([['robot', Buffer.concat(rows.map(truth.pack))]]),
      );
      fromSeq = toSeq;
      await trimmer.appended(rows);
      const [stored] = await store.readUsers(['robot']);
      lengths.push(recordsOf(stored?.history ?? new Uint8Array()).length);
      expect(historyChecksum('robot', stored?.history ?? new Uint8Array())).toBe(
        historyChecksum('robot', truth.historyOf('robot')),
      );
    }
    expect(Math.max(...lengths)).toBeLessThan(HISTORY_TRIMMED_ABOVE + 1_024);
    expect(truth.behaviours.length).toBeGreaterThan(HISTORY_TRIMMED_ABOVE);
    expect(lengths.some((length, i) => length < (lengths[i - 1] ?? 0) && length >= HISTORY_KEPT)).toBe(true);
  });

  it('leaves a partition alone that is no longer its own', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const trimmer = new HistoryTrimmer({ store, owner });
    await store.lease({ partition, owner, ttlMs: 60_000 });
    const rows = truth.browses('robot', HISTORY_TRIMMED_ABOVE + 1);
    const toSeq = rows.at(-1)?.seq ?? 0;
    await store.append(
      { partition, owner, fromSeq: 0, toSeq },
      new Map([['robot', truth.historyOf('robot')]]),
    );
    await store.seizeLease({ partition, owner: 'another', ttlMs: 60_000 });
    await trimmer.appended(rows);
    const [stored] = await store.readUsers(['robot']);
    expect(recordsOf(stored?.history ?? new Uint8Array())).toHaveLength(HISTORY_TRIMMED_ABOVE + 1);
  });
});
