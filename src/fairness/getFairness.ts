import { FailedPreconditionError, InvalidInputError } from '../core/errors.js';
import { type Clock, DAY_MS, MINUTE_MS } from '../core/time.js';
import type { ExposureTallies } from './exposureTallies.js';
import type { FairnessInForce } from './fairnessInForce.js';
import type { FairnessPolicy } from './fairnessPolicy.js';
import { armReport, type FairnessReport } from './fairnessReport.js';
import type { ShopFacts } from './stepFairness.js';

export const LONGEST_WINDOW_MS = 31 * DAY_MS;

export type GetFairness = (request: { readonly windowMs: number }) => Promise<FairnessReport>;

/** Reports on lists served lately. Not for a page render: it reads all of them. */
export function createGetFairness({
  tallies,
  inForce,
  facts,
  policy,
  clock,
}: {
  tallies: ExposureTallies;
  inForce: Pick<FairnessInForce, 'state'>;
  facts: () => ShopFacts;
  policy: FairnessPolicy;
  clock: Clock;
}): GetFairness {
  return async function getFairness({ windowMs: given }) {
    const windowMs = given === 0 ? DAY_MS : given;
    if (!(windowMs >= MINUTE_MS && windowMs <= LONGEST_WINDOW_MS)) {
      throw new InvalidInputError({
        field: 'window_ms',
        rule: `must be from ${MINUTE_MS} to ${LONGEST_WINDOW_MS}, or 0 for a day`,
      });
    }
    const nowMs = clock.nowMs();
    // What is served this very moment counts as well.
    const window = { fromMs: nowMs - windowMs, throughMs: nowMs + 1 };
    const { shops, pages } = await tallies.between(window);
    const { state } = inForce;
    const seen = { shops, pages, head: new Set(state.headShopIds), facts: facts() };
    return {
      isEnabled: policy.isEnabled,
      state,
      boosted: armReport('boosted', seen),
      heldOut: armReport('held_out', seen),
      heldOutRatio: policy.heldOutRatio,
      pageBudgetRatio: policy.pageBudgetRatio,
      ...window,
    };
  };
}

/** Where an app runs without fairness. */
export const noFairness: GetFairness = async () => {
  throw new FailedPreconditionError('this server runs without fairness');
};
