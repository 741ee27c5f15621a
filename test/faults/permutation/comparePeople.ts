import type { App } from '../../../src/app.js';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { addChecksums, historyChecksum, keptHistory } from '../../../src/projection/keptHistory.js';
import type { ProjectionStore } from '../../../src/projection/projectionStore.js';
import { longTermVector, shortTermVector } from '../../../src/tags/userVectors.js';
import type { Check } from '../checks/check.js';
import { largestDifference } from '../checks/largestDifference.js';
import { patiently } from '../checks/patiently.js';

const AT_ONCE = 200;

/** A server, and the store that it reads people from. */
export interface Side {
  readonly app: App;
  readonly store: Pick<ProjectionStore, 'readUsers'>;
}

/** Histories in their canonical form, states and vectors of every person: equal to the bit on both sides. */
export async function comparePeople(
  userIds: readonly string[],
  { name, side, reference, nowMs }: { name: string; side: Side; reference: Side; nowMs: number },
): Promise<Check> {
  const violations: string[] = [];
  let [checksum, wantedChecksum] = [0n, 0n];
  for (let start = 0; start < userIds.length; start += AT_ONCE) {
    const chunk = userIds.slice(start, start + AT_ONCE);
    const [found, wanted] = [await side.store.readUsers(chunk), await reference.store.readUsers(chunk)];
    for (const [i, userId] of chunk.entries()) {
      const [history, wantedHistory] = [found[i]?.history, wanted[i]?.history].map(
        (bytes) => bytes ?? new Uint8Array(),
      ) as [Uint8Array, Uint8Array];
      checksum = addChecksums(checksum, historyChecksum(userId, history));
      wantedChecksum = addChecksums(wantedChecksum, historyChecksum(userId, wantedHistory));
      if (Buffer.compare(keptHistory(history), keptHistory(wantedHistory)) !== 0) {
        violations.push(`${name}: ${userId} has another history`);
      }
      const apart = largestDifference(
        await readingOf(side.app, userId, nowMs),
        await readingOf(reference.app, userId, nowMs),
      );
      if (apart !== 0) violations.push(`${name}: ${userId} is ${apart} off`);
    }
  }
  if (checksum !== wantedChecksum) violations.push(`${name}: checksums differ`);
  return {
    name: `people, ${name}`,
    compared: `${userIds.length} histories, states and vectors equal to the bit; checksum ${checksum.toString(16).padStart(16, '0')}`,
    violations,
  };
}

/** All that a server knows of a person. What counts their browses holds log rows, whose ids and seqs may differ. */
async function readingOf({ people, state }: App, userId: string, nowMs: number): Promise<object> {
  const { state: user, told } = await patiently(() => people.readPerson(userId));
  if (user === undefined) return { told };
  const { counting: _, ...taught } = user;
  const reading = { nowMs, weights: STARTING_WEIGHTS, idf: (tag: string) => state.catalog.idfOf(tag) };
  return {
    told,
    taught,
    longTerm: longTermVector(user, reading),
    shortTerm: shortTermVector(user, reading),
  };
}
