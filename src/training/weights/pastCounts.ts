import type { Behaviour } from '../../behaviour/behaviour.js';
import { type CountingState, countBehaviour, emptyCounting } from '../../behaviour/counting.js';
import type { BehaviourWeights } from '../../behaviour/weights.js';
import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../../core/decay.js';
import type { EpochMs, HalfLifeMs } from '../../core/time.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../core/vocabulary.js';
import { isPositive, isTarget } from '../../evaluation/targets.js';
import type { ChoiceQuestion, ChoiceRules } from './choiceQuestions.js';

/** The types of behaviour that turn to a product, and whose weights can be fitted. */
export const CHOSEN_BY: readonly BehaviourType[] = BEHAVIOUR_TYPES.filter(isPositive);

const LEVELS = ['product', 'category', 'shop'] as const;
type Level = (typeof LEVELS)[number];

/** What somebody did with one thing, by type in the order of `CHOSEN_BY`. */
type Counts = (DecayedSum | undefined)[];

/**
 * What one person did so far with each product, leaf category and shop, counted as `countBehaviour` does, but
 * with a weight of 1 for every type. A product that was ordered is none any more that they could come back to:
 * whether it is due again is another matter (R8).
 */
export class PastCounts {
  readonly #rules: ChoiceRules;
  readonly #unit: BehaviourWeights;
  readonly #counting: CountingState = emptyCounting();
  readonly #ordered = new Set<string>();
  readonly #counts: Readonly<Record<Level, Map<string, Counts>>> = {
    product: new Map(),
    category: new Map(),
    shop: new Map(),
  };

  constructor(rules: ChoiceRules) {
    this.#rules = rules;
    this.#unit = Object.fromEntries(
      BEHAVIOUR_TYPES.map((type) => [type, { ...rules.weights[type], weight: 1 }]),
    ) as BehaviourWeights;
  }

  /** In order of time. */
  add(behaviour: Behaviour): void {
    const { type, productId } = behaviour;
    const at = CHOSEN_BY.indexOf(type);
    if (at < 0) return;
    const keys = this.#keysOf(behaviour);
    const logged = { behaviour, context: { productRevision: 0, shopId: keys.shop, traits: {} }, seq: 0 };
    for (const { of, weight } of countBehaviour(this.#counting, logged, this.#unit)) {
      for (const level of LEVELS) {
        this.#count(level, keys[level], { at, weight, atMs: of.behaviour.occurredAtMs });
      }
    }
    if (type === 'purchase' && productId !== undefined) {
      this.#ordered.add(productId);
      this.#counts.product.delete(productId);
    }
  }

  /** The choices among what came next, as of `nowMs`; several of one thing are one. */
  ask(next: readonly Behaviour[], nowMs: EpochMs): ChoiceQuestion[] {
    const targets = next.filter(({ type, productId }) =>
      isTarget(type, this.#rules.target, productId !== undefined && this.#ordered.has(productId)),
    );
    if (targets.length === 0) return [];
    const keys = targets.map((behaviour) => this.#keysOf(behaviour));
    return LEVELS.flatMap((level) => this.#askAbout(level, new Set(keys.map((key) => key[level])), nowMs));
  }

  #askAbout(level: Level, chosenKeys: ReadonlySet<string | undefined>, nowMs: EpochMs): ChoiceQuestion[] {
    const counts = this.#counts[level];
    const known = [...chosenKeys].map((key) => counts.get(key ?? '')).filter((each) => each !== undefined);
    if (known.length === 0) return [];
    const all = new Float64Array(CHOSEN_BY.length);
    for (const each of counts.values()) this.#read(each, nowMs, all);
    return known.flatMap((each) => {
      const chosen = new Float64Array(CHOSEN_BY.length);
      this.#read(each, nowMs, chosen);
      return tells(chosen, all) ? [{ chosen, all }] : [];
    });
  }

  #keysOf({ productId, shopId }: Behaviour): Readonly<Record<Level, string | undefined>> {
    const place = productId === undefined ? {} : this.#rules.placeOf(productId);
    return { product: productId, category: place.leafCategory, shop: shopId ?? place.shopId };
  }

  #count(level: Level, key: string | undefined, one: { at: number; weight: number; atMs: EpochMs }): void {
    if (key === undefined || (level === 'product' && this.#ordered.has(key))) return;
    let counts = this.#counts[level].get(key);
    if (counts === undefined) {
      counts = [];
      this.#counts[level].set(key, counts);
    }
    let sum = counts[one.at];
    if (sum === undefined) {
      sum = emptySum();
      counts[one.at] = sum;
    }
    addDecayed(sum, one.weight, one.atMs, this.#halfLifeAt(one.at));
  }

  #read(counts: Counts, nowMs: EpochMs, into: Float64Array): void {
    for (let at = 0; at < counts.length; at++) {
      const sum = counts[at];
      if (sum !== undefined) into[at] = (into[at] as number) + readDecayed(sum, nowMs, this.#halfLifeAt(at));
    }
  }

  #halfLifeAt(at: number): HalfLifeMs {
    return this.#unit[CHOSEN_BY[at] as BehaviourType].halfLifeMs;
  }
}

/** Shares this close are of one mixture. */
const SAME_SHARE = 1e-9;

/** Whether some weights make the choice likelier than others do: not where everything is of one mixture. */
function tells(chosen: Float64Array, all: Float64Array): boolean {
  const shares = [...all].flatMap((count, at) => (count > 0 ? [(chosen[at] as number) / count] : []));
  const most = Math.max(...shares);
  return most > 0 && most - Math.min(...shares) > SAME_SHARE;
}
