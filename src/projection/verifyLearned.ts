import { isDeepStrictEqual } from 'node:util';
import { UnavailableError } from '../core/errors.js';
import { partitionOf } from '../core/partitions.js';
import type { Learner } from '../touch/learner.js';
import type { TouchStore } from '../touch/touchStore.js';

export interface VerifyLearnedOptions {
  readonly partitions: readonly number[];
  readonly learner: Pick<Learner, 'isOn' | 'homes' | 'fold'>;
  readonly store: Pick<TouchStore, 'readMany'>;
}

export interface LearnedComparison {
  /** People who were touched. */
  readonly people: number;
  /** Those of whom something else is kept online than the truth teaches; at most `DIFFERENCES_NAMED`. */
  readonly differences: readonly string[];
  readonly differenceCount: number;
}

const DIFFERENCES_NAMED = 100;
/** What happened a moment ago may not be learned yet: who differs is looked at again after this. */
const LOOK_AGAIN_MS = 1_500;

/**
 * Compares what is kept of people's patience and hours with what the truth teaches, person by person. May
 * run while touches are given out. Where nothing is to be learned it finds nothing to compare.
 */
export async function verifyLearned({
  partitions,
  learner,
  store,
}: VerifyLearnedOptions): Promise<LearnedComparison> {
  const wanted = new Set(partitions);
  const people = new Set<string>();
  const differing = new Set<string>();
  if (await learner.isOn()) {
    for await (const homeIds of learner.homes((homeId) => wanted.has(partitionOf(homeId)))) {
      for (const homeId of homeIds) people.add(homeId);
      let open = await differingOf(homeIds);
      if (open.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        open = await differingOf(open);
      }
      for (const homeId of open) differing.add(homeId);
    }
  }
  return {
    people: people.size,
    differences: [...differing].slice(0, DIFFERENCES_NAMED),
    differenceCount: differing.size,
  };

  async function differingOf(homeIds: readonly string[]): Promise<string[]> {
    const [logs, learned] = await Promise.all([store.readMany(homeIds), learner.fold(homeIds)]);
    return homeIds.filter((_, i) => {
      const log = logs[i];
      if (log instanceof UnavailableError) throw log;
      return !isDeepStrictEqual(log?.learned, learned[i]);
    });
  }
}
