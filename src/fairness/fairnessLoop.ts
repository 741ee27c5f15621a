import { FeedFollower } from '../core/feedFollower.js';
import type { Clock } from '../core/time.js';
import type { ExposureFollower } from './exposureFollower.js';
import type { FairnessInForce } from './fairnessInForce.js';
import type { FairnessPolicy } from './fairnessPolicy.js';
import type { FairnessState } from './fairnessState.js';
import type { FairnessStore } from './fairnessStore.js';
import { type ShopFacts, stepFairness } from './stepFairness.js';

export const STEP_EVERY_MS = 5_000;
/** Silent for so long, who steered is gone, and the next to look takes over. */
export const TAKE_OVER_MS = 4 * STEP_EVERY_MS;

export interface FairnessLoopDeps {
  readonly store: FairnessStore;
  readonly inForce: FairnessInForce;
  readonly follower: Pick<ExposureFollower, 'catchUp' | 'exposure'>;
  readonly facts: () => ShopFacts;
  readonly policy: FairnessPolicy;
  readonly clock: Clock;
  /** This process's name, unlike any other's. */
  readonly serverId: string;
}

/**
 * Follows the state that servers share, and steps it where this server steers: one of them does, the one that
 * made the last step, until it is silent. It alone reads what all have served. Two that take over at once are no
 * harm: the store takes one step for each version.
 */
export class FairnessLoop extends FeedFollower {
  readonly #deps: FairnessLoopDeps;

  constructor(deps: FairnessLoopDeps) {
    super({ readAll: () => this.#step(), everyMs: STEP_EVERY_MS });
    this.#deps = deps;
  }

  async #step(): Promise<void> {
    const { store, inForce, follower, facts, policy, clock, serverId } = this.#deps;
    await this.#follow();
    if (this.#isSteeredElsewhere(inForce.state)) return;
    await follower.catchUp();
    const next = stepFairness(inForce.state, {
      exposure: follower.exposure,
      facts: facts(),
      nowMs: clock.nowMs(),
      policy,
      steeredBy: serverId,
    });
    if (await store.replace(next)) inForce.take(next);
    else await this.#follow();
  }

  async #follow(): Promise<void> {
    const { store, inForce } = this.#deps;
    const newer = await store.read(inForce.state.version);
    if (newer !== undefined) inForce.take(newer);
  }

  #isSteeredElsewhere({ version, steeredBy, steering }: FairnessState): boolean {
    if (version === 0 || steeredBy === this.#deps.serverId) return false;
    return this.#deps.clock.nowMs() - steering.steppedAtMs < TAKE_OVER_MS;
  }
}
