import { newId } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import { ExposureFollower } from '../fairness/exposureFollower.js';
import { FairnessInForce } from '../fairness/fairnessInForce.js';
import { FairnessLoop } from '../fairness/fairnessLoop.js';
import type { FairnessPolicy } from '../fairness/fairnessPolicy.js';
import { createGetFairness, type GetFairness } from '../fairness/getFairness.js';
import { shopFactsOf } from '../fairness/shopFacts.js';
import type { RankingState } from '../ranking/rankingState.js';
import type { Truth } from '../stores/postgres/openTruth.js';
import type { AppLog } from './parts.js';

/**
 * Fairness of an app: what is in force, and the loop behind it. A start begins with the boosts that were in
 * force; the exposure that it steers by is read from the truth behind it, and no page waits.
 */
export class FairnessAtWork {
  readonly inForce: FairnessInForce;
  readonly getFairness: GetFairness;
  readonly #store: Truth['fairnessStore'];
  readonly #loop: FairnessLoop;
  readonly #log: AppLog;
  #isStopping = false;

  constructor({
    truth,
    state,
    policy,
    clock,
    log,
  }: {
    truth: Pick<Truth, 'fairnessStore' | 'servedListStore' | 'impressionStore' | 'exposureTallies'>;
    state: RankingState;
    policy: FairnessPolicy;
    clock: Clock;
    log: AppLog;
  }) {
    this.#store = truth.fairnessStore;
    this.#log = log;
    this.inForce = new FairnessInForce({ policy, shops: state.catalog.shops });
    const facts = () => shopFactsOf(state, clock.nowMs());
    this.getFairness = createGetFairness({
      tallies: truth.exposureTallies,
      inForce: this.inForce,
      facts,
      policy,
      clock,
    });
    this.#loop = new FairnessLoop({
      store: truth.fairnessStore,
      inForce: this.inForce,
      follower: new ExposureFollower({
        lists: truth.servedListStore,
        impressions: truth.impressionStore,
        policy,
        clock,
        isStopping: () => this.#isStopping,
      }),
      facts,
      policy,
      clock,
      serverId: newId(),
    });
  }

  /** Puts into force what was, and begins to steer. */
  async start(): Promise<void> {
    const state = await this.#store.read(0);
    if (state !== undefined) this.inForce.take(state);
    this.#loop.start((cause) => {
      if (!this.#isStopping) this.#log.warn({ err: cause }, 'fairness waits for the truth');
    });
  }

  /** Follows and steps now; the loop does it every few seconds. */
  step(): Promise<void> {
    return this.#loop.catchUp();
  }

  async close(): Promise<void> {
    this.#isStopping = true;
    await this.#loop.stop();
  }
}
