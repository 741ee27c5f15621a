import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import { InvalidInputError } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import { isTarget, type TargetKind } from './targets.js';

/** What an evaluation needs to know of a product. */
export type CatalogueEntry = Pick<Product, 'productId' | 'shopId' | 'createdAtMs'>;

/**
 * What is held back: `time-split`, all that people did from one moment on, at which all are asked;
 * `leave-last-out`, each person's last choice, just before which they are asked.
 */
export const PROTOCOLS = ['time-split', 'leave-last-out'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One person who is asked about, and what they did later. Targets are distinct products. */
export interface EvaluatedUser {
  readonly userId: string;
  /** All that happened strictly before it is known when the question is put. */
  readonly askedAtMs: EpochMs;
  /** Behaviours before the question, of any type; 0 for a cold user. */
  readonly historyLength: number;
  /** Targets that this user had touched before the question, in any way. */
  readonly seenTargets: readonly string[];
  /** Targets that this user had never touched, also those that nobody could have recommended. */
  readonly newTargets: readonly string[];
  /** New targets outside the catalogue when the question is put. */
  readonly unreachableTargets: number;
}

/** A data set cut at one moment: what may be learned from, and what should be foretold. */
export interface EvaluationSplit {
  readonly protocol: Protocol;
  readonly splitAtMs: EpochMs;
  readonly targetKind: TargetKind;
  /** Strictly before the split, by time. The only behaviours that leave this function. */
  readonly before: readonly Behaviour[];
  readonly behavioursAfter: number;
  /** By user id; each has at least one target. */
  readonly users: readonly EvaluatedUser[];
  /**
   * Every product that can be recommended, with its shop: in the catalogue and not created at or
   * after the split, or acted on before it.
   */
  readonly catalogue: ReadonlyMap<string, string | undefined>;
}

/**
 * Splits by time. A behaviour at the very moment of the split is later. The behaviours may come in
 * any order; ties keep the order given.
 *
 * @throws InvalidInputError when `splitAtMs` is not a finite number.
 */
export function splitBehaviours(options: {
  behaviours: readonly Behaviour[];
  products: readonly CatalogueEntry[];
  splitAtMs: EpochMs;
  targetKind: TargetKind;
}): EvaluationSplit {
  const { splitAtMs, targetKind } = options;
  if (!Number.isFinite(splitAtMs)) throw new InvalidInputError({ field: 'split_at', rule: 'must be a time' });

  const before = options.behaviours
    .filter((behaviour) => behaviour.occurredAtMs < splitAtMs)
    .sort((a, b) => a.occurredAtMs - b.occurredAtMs);
  const histories = historiesOf(before);
  const targets = new Map<string, Set<string>>();
  let behavioursAfter = 0;
  for (const behaviour of options.behaviours) {
    if (behaviour.occurredAtMs < splitAtMs) continue;
    behavioursAfter++;
    if (behaviour.productId === undefined) continue;
    const ordered = histories.get(behaviour.userId)?.ordered.has(behaviour.productId) ?? false;
    if (!isTarget(behaviour.type, targetKind, ordered)) continue;
    const products = targets.get(behaviour.userId);
    if (products) products.add(behaviour.productId);
    else targets.set(behaviour.userId, new Set([behaviour.productId]));
  }

  const catalogue = catalogueAt({ before, products: options.products, splitAtMs });
  return {
    protocol: 'time-split',
    splitAtMs,
    targetKind,
    before,
    behavioursAfter,
    users: [...targets]
      .map(([userId, products]) =>
        evaluatedUser({
          userId,
          askedAtMs: splitAtMs,
          targets: products,
          history: histories.get(userId),
          isKnown: (productId) => catalogue.has(productId),
        }),
      )
      .sort((a, b) => (a.userId < b.userId ? -1 : 1)),
    catalogue,
  };
}

/** What one person did up to a moment, as far as targets depend on it. */
export class History {
  length = 0;
  readonly products = new Set<string>();
  readonly ordered = new Set<string>();

  add({ productId, type }: Behaviour): void {
    this.length++;
    if (productId === undefined) return;
    this.products.add(productId);
    if (type === 'purchase') this.ordered.add(productId);
  }
}

function historiesOf(before: readonly Behaviour[]): Map<string, History> {
  const histories = new Map<string, History>();
  for (const behaviour of before) {
    let history = histories.get(behaviour.userId);
    if (!history) {
      history = new History();
      histories.set(behaviour.userId, history);
    }
    history.add(behaviour);
  }
  return histories;
}

/** A question, its targets parted by the asker's history at that moment. */
export function evaluatedUser(options: {
  userId: string;
  askedAtMs: EpochMs;
  targets: ReadonlySet<string>;
  history: History | undefined;
  /** Whether a product was in the catalogue at that moment. */
  isKnown: (productId: string) => boolean;
}): EvaluatedUser {
  const { userId, askedAtMs, history, isKnown } = options;
  const targets = [...options.targets];
  const seen = (productId: string) => history?.products.has(productId) ?? false;
  const newTargets = targets.filter((productId) => !seen(productId));
  return {
    userId,
    askedAtMs,
    historyLength: history?.length ?? 0,
    seenTargets: targets.filter(seen),
    newTargets,
    unreachableTargets: newTargets.filter((productId) => !isKnown(productId)).length,
  };
}

function catalogueAt(options: {
  before: readonly Behaviour[];
  products: readonly CatalogueEntry[];
  splitAtMs: EpochMs;
}): Map<string, string | undefined> {
  const catalogue = new Map<string, string | undefined>();
  const laterShops = new Map<string, string | undefined>();
  for (const { productId, shopId, createdAtMs } of options.products) {
    if (createdAtMs === undefined || createdAtMs < options.splitAtMs) catalogue.set(productId, shopId);
    else laterShops.set(productId, shopId);
  }
  for (const { productId, shopId } of options.before) {
    if (productId === undefined || catalogue.get(productId) !== undefined) continue;
    catalogue.set(productId, shopId ?? laterShops.get(productId));
  }
  return catalogue;
}
