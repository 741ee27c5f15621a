import type { OrdinalLookup } from '../catalog/catalogIndex.js';
import { NONE } from '../catalog/ordinals.js';
import type { FairnessPolicy } from './fairnessPolicy.js';
import { type FairnessState, UNSTEERED } from './fairnessState.js';
import { isHeldOut } from './holdOut.js';
import { type PageBoosts, type PageCandidates, pageBoosts, type ShopTerms } from './pageBoosts.js';

/** Fairness as ranking sees it: what is in force, in the process, without a promise. */
export interface Fairness {
  /** The most of its relevance that a page may give up. */
  readonly pageBudgetRatio: number;
  /** Nothing whose quality is below is lifted. */
  readonly qualityGate: number;
  /** What the tail wins by itself, for `tailOpenness`. */
  readonly naturalShareRatio: number;
  /** Whether a user sees no boost, so that its effect can be told. */
  isHeldOut(userId: string): boolean;
  /** Whether a shop (ordinal) belongs to the long tail. */
  isTail(shop: number): boolean;
  /** Undefined when nothing would change on the page. */
  boostsFor(page: PageCandidates): PageBoosts | undefined;
}

const NO_TERMS: ShopTerms = {
  isHead: new Uint8Array(0),
  price: new Float32Array(0),
  newShopLift: new Float32Array(0),
  boost: 0,
};

/** The newest state known here, as columns by shop ordinal. */
export class FairnessInForce implements Fairness {
  readonly #policy: FairnessPolicy;
  readonly #shops: OrdinalLookup;
  #state: FairnessState = UNSTEERED;
  #terms: ShopTerms = NO_TERMS;

  constructor({ policy, shops }: { policy: FairnessPolicy; shops: OrdinalLookup }) {
    this.#policy = policy;
    this.#shops = shops;
  }

  get state(): FairnessState {
    return this.#state;
  }

  get pageBudgetRatio(): number {
    return this.#policy.pageBudgetRatio;
  }

  get qualityGate(): number {
    return this.#policy.qualityGate;
  }

  get naturalShareRatio(): number {
    return this.#state.steering.naturalShareRatio;
  }

  /** Puts a newer state into force; an older one changes nothing. */
  take(state: FairnessState): void {
    if (state.version <= this.#state.version) return;
    this.#state = state;
    const isHead = new Uint8Array(this.#shops.size);
    for (const shopId of state.headShopIds) {
      const shop = this.#shops.of(shopId);
      if (shop !== NONE) isHead[shop] = 1;
    }
    this.#terms = {
      isHead,
      price: this.#byOrdinal(state.prices),
      newShopLift: this.#byOrdinal(state.newShopLifts),
      boost: state.steering.boost,
    };
  }

  isHeldOut(userId: string): boolean {
    return isHeldOut(userId, this.#policy.heldOutRatio);
  }

  isTail(shop: number): boolean {
    return this.#terms.isHead[shop] !== 1;
  }

  boostsFor(page: PageCandidates): PageBoosts | undefined {
    // Before anybody is head nobody is tail.
    if (!this.#policy.isEnabled || this.#state.headShopIds.length === 0) return undefined;
    return pageBoosts(page, this.#terms, this.#policy.relevanceFloorRatio);
  }

  #byOrdinal(values: Readonly<Record<string, number>>): Float32Array {
    const column = new Float32Array(this.#shops.size);
    for (const [shopId, value] of Object.entries(values)) {
      const shop = this.#shops.of(shopId);
      if (shop !== NONE) column[shop] = value;
    }
    return column;
  }
}
