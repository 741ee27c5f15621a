import { isDeepStrictEqual } from 'node:util';
import { FailedPreconditionError } from '../core/errors.js';
import { Nap } from '../core/nap.js';
import type { Clock } from '../core/time.js';
import type { TouchPolicy } from './touchPolicy.js';
import type { TouchPolicyStore } from './touchPolicyStore.js';
import { validateTouchPolicy } from './validateTouchPolicy.js';

/** How soon a policy set at another server is in force here, about. */
const LOOK_EVERY_MS = 400;
/** Servers that start together may race for the next version; each loser looks again. */
const START_ATTEMPTS = 5;

export interface PolicyInForceDeps {
  readonly store: Pick<TouchPolicyStore, 'latest' | 'append'>;
  readonly clock: Clock;
  readonly onTrouble: (cause: unknown) => void;
}

/**
 * The policy that decisions are made by: the latest version in the truth. Every version is kept there,
 * so that an old decision can be asked why for ever. When the truth cannot be read, the last version
 * that was read goes on.
 */
export class PolicyInForce {
  readonly #deps: PolicyInForceDeps;
  readonly #nap = new Nap();
  #policy: TouchPolicy;
  #running: Promise<void> | undefined;
  #stopping = false;

  private constructor(policy: TouchPolicy, deps: PolicyInForceDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /**
   * Reads the version in force. `chosen` (the operator's file) takes its place as the next version when
   * its rules differ; `fallback` (the shipped policy) is for a truth that has none.
   */
  static async open(
    { chosen, fallback }: { chosen: TouchPolicy | undefined; fallback: TouchPolicy },
    deps: PolicyInForceDeps,
  ): Promise<PolicyInForce> {
    const { store, clock } = deps;
    for (let attempt = 1; ; attempt++) {
      const latest = (await store.latest())?.policy;
      const wanted = chosen ?? latest ?? fallback;
      if (latest !== undefined && hasSameRules(latest, wanted)) return new PolicyInForce(latest, deps);
      const next = latest === undefined ? wanted : { ...wanted, version: latest.version + 1 };
      try {
        await store.append(next, clock.nowMs());
        return new PolicyInForce(next, deps);
      } catch (error) {
        if (!(error instanceof FailedPreconditionError) || attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  get policy(): TouchPolicy {
    return this.#policy;
  }

  /**
   * Puts other rules into force, here at once and at every other server within a second. `policy.version`
   * is that of the policy that they were made from. Answers the new version.
   *
   * Throws `InvalidInputError` with everything that is wrong, `FailedPreconditionError` when another
   * policy came first, `UnavailableError`.
   */
  async set(policy: TouchPolicy): Promise<number> {
    validateTouchPolicy(policy);
    const next = { ...policy, version: policy.version + 1 };
    try {
      await this.#deps.store.append(next, this.#deps.clock.nowMs());
    } catch (error) {
      if (!(error instanceof FailedPreconditionError)) throw error;
      await this.#look();
      // A retry whose first answer was lost finds its own rules in force.
      if (this.#policy.version === next.version && hasSameRules(this.#policy, next)) return next.version;
      throw new FailedPreconditionError(
        `version: the policy in force is version ${this.#policy.version}, not ${policy.version}; make the change from that one`,
        { cause: error },
      );
    }
    this.#take(next);
    return next.version;
  }

  /** Follows what other servers set, until `stop`. */
  follow(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#nap.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#look().catch(this.#deps.onTrouble);
      if (!this.#stopping) await this.#nap.sleep(LOOK_EVERY_MS);
    }
  }

  async #look(): Promise<void> {
    const latest = await this.#deps.store.latest();
    if (latest !== undefined) this.#take(latest.policy);
  }

  /** Versions only rise: an answer that was long on its way takes nothing back. */
  #take(policy: TouchPolicy): void {
    if (policy.version > this.#policy.version) this.#policy = policy;
  }
}

function hasSameRules(some: TouchPolicy, other: TouchPolicy): boolean {
  return isDeepStrictEqual({ ...some, version: 0 }, { ...other, version: 0 });
}
