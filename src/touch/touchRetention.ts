import type { TtlMs } from '../core/time.js';
import { type TouchPolicy, touchRetentionMs } from './touchPolicy.js';
import type { TouchPolicyStore } from './touchPolicyStore.js';

/**
 * For how long touches are brought back from the ledger: by the policy that the truth has in force, which is not
 * `policy` yet while a server starts or an operator's command runs, and by `policy` where that is longer. A touch
 * that is forgotten too early is a message above a cap.
 */
export async function replayRetention(
  store: Pick<TouchPolicyStore, 'latest'>,
  policy: () => TouchPolicy,
): Promise<() => TtlMs> {
  const stored = await store.latest();
  const atLeast = stored === undefined ? 0 : touchRetentionMs(stored.policy);
  return () => Math.max(atLeast, touchRetentionMs(policy())) as TtlMs;
}
