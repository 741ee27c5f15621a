import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import { MAX_PAGE_SIZE } from '../ranking/validateRankRequest.js';
import type { ImpressionStore } from './impressionStore.js';

export type RecordImpressions = (request: {
  readonly rankId: string;
  readonly positions: readonly number[];
}) => Promise<{ readonly newPositions: number }>;

/** Keeps what a client says was shown of a list; resolves after the commit. */
export function createRecordImpressions({
  store,
  clock,
}: {
  store: Pick<ImpressionStore, 'append'>;
  clock: Clock;
}): RecordImpressions {
  return async function recordImpressions({ rankId, positions }) {
    const violations: Violation[] = [];
    const idProblem = idViolation('rank_id', rankId);
    if (idProblem !== undefined) violations.push(idProblem);
    if (positions.length === 0 || positions.length > MAX_PAGE_SIZE) {
      violations.push({ field: 'positions', rule: `must hold 1 to ${MAX_PAGE_SIZE} places` });
    } else {
      positions.forEach((position, i) => {
        if (!(Number.isInteger(position) && position >= 1 && position <= MAX_PAGE_SIZE)) {
          violations.push({ field: `positions[${i}]`, rule: `must be from 1 to ${MAX_PAGE_SIZE}` });
        }
      });
    }
    if (violations.length > 0) throw new InvalidInputError(violations);
    const [newPositions = 0] = await store.append([{ rankId, positions, seenAtMs: clock.nowMs() }]);
    return { newPositions };
  };
}
