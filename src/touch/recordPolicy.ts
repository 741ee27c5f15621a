import { isDeepStrictEqual } from 'node:util';
import { FailedPreconditionError } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import type { TouchPolicy } from './touchPolicy.js';
import type { TouchPolicyStore } from './touchPolicyStore.js';

/** Servers that start together may race for the next version; each loser looks again. */
const ATTEMPTS = 5;

/**
 * Keeps the policy that a server was started with in the truth, so that an old decision can be asked
 * why for ever. The same rules as the latest version are that version; other rules become the next one.
 * Answers the policy under the version that it has there.
 */
export async function recordPolicy(
  policy: TouchPolicy,
  { store, nowMs }: { store: Pick<TouchPolicyStore, 'latest' | 'append'>; nowMs: EpochMs },
): Promise<TouchPolicy> {
  for (let attempt = 1; ; attempt++) {
    const latest = (await store.latest())?.policy;
    if (latest !== undefined && isDeepStrictEqual({ ...latest, version: 0 }, { ...policy, version: 0 })) {
      return latest;
    }
    const next = latest === undefined ? policy : { ...policy, version: latest.version + 1 };
    try {
      await store.append(next, nowMs);
      return next;
    } catch (error) {
      if (!(error instanceof FailedPreconditionError) || attempt === ATTEMPTS) throw error;
    }
  }
}
