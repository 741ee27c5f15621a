import { isDeepStrictEqual } from 'node:util';
import { PARTITIONS } from '../../../src/core/partitions.js';
import { foldHistory } from '../../../src/projection/foldHistory.js';
import { addChecksums, historyChecksum, keptHistory } from '../../../src/projection/keptHistory.js';
import { recordsOf } from '../../../src/projection/packedHistory.js';
import type { ProjectionStore } from '../../../src/projection/projectionStore.js';
import type { Check } from './check.js';
import type { Replay } from './replay.js';

/** Every behaviour of the log is exactly once in its person's history online, and nothing else is. */
export async function checkHistories(
  store: Pick<ProjectionStore, 'scanHistories'>,
  { histories, rules }: Pick<Replay, 'histories' | 'rules'>,
): Promise<Check> {
  const online = new Map<string, Uint8Array>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const page of store.scanHistories(partition)) {
      for (const [userId, history] of page) online.set(userId, history);
    }
  }
  const violations: string[] = [];
  let checksum = 0n;
  let behaviours = 0;
  for (const userId of new Set([...histories.keys(), ...online.keys()])) {
    const [wanted, found] = [histories.get(userId), online.get(userId)];
    if (wanted === undefined || found === undefined) {
      violations.push(`${userId} is only ${wanted === undefined ? 'online' : 'in the log'}`);
      continue;
    }
    behaviours += recordsOf(found).length;
    checksum = addChecksums(checksum, historyChecksum(userId, found));
    if (recordsOf(wanted).length !== recordsOf(found).length) {
      violations.push(
        `${userId} has ${recordsOf(found).length} behaviours online, not ${recordsOf(wanted).length}`,
      );
    } else if (Buffer.compare(keptHistory(wanted), keptHistory(found)) !== 0) {
      violations.push(`${userId} has another history online`);
    } else if (
      !isDeepStrictEqual(foldHistory(userId, [wanted], rules), foldHistory(userId, [found], rules))
    ) {
      violations.push(`${userId} has another vector online`);
    }
  }
  return {
    name: 'histories',
    compared: `${online.size} people, ${behaviours} behaviours, checksum ${checksum.toString(16).padStart(16, '0')}`,
    violations,
  };
}
