import type { Behaviour } from '../behaviour/behaviour.js';
import type { EpochMs } from '../core/time.js';
import type { CatalogueEntry, EvaluationSplit } from './split.js';

/** What one step of a played log brought, strictly before `nowMs`. */
export interface Played<S, P> {
  readonly nowMs: EpochMs;
  readonly shops: readonly S[];
  /** Created since, or acted on for the first time before they were. */
  readonly products: readonly P[];
  readonly behaviours: readonly Behaviour[];
}

/**
 * Plays what happened from the split on, moment by moment. Its catalogue at any moment is what a split at
 * that moment would find.
 */
export class LogPlayer<S extends { createdAtMs?: EpochMs }, P extends CatalogueEntry> {
  readonly #later: readonly Behaviour[];
  readonly #shops: readonly S[];
  /** Created at or after the split, in order of time. */
  readonly #unborn: readonly P[];
  readonly #unbornById: ReadonlyMap<string, P>;
  /** Those of them that have been handed out, or were known at the split. */
  readonly #entered: Set<P>;
  readonly #catalogue: Map<string, string | undefined>;
  #nowMs: EpochMs;
  #played = 0;
  #born = 0;
  #opened = 0;

  constructor(options: {
    split: Pick<EvaluationSplit, 'splitAtMs' | 'catalogue'>;
    /** At or after the split, by time. */
    later: readonly Behaviour[];
    /** All of them: those known at the split are passed over. */
    shops: readonly S[];
    products: readonly P[];
  }) {
    const { split } = options;
    this.#nowMs = split.splitAtMs;
    this.#later = options.later;
    this.#catalogue = new Map(split.catalogue);
    const createdAtMs = (of: { createdAtMs?: EpochMs }) => of.createdAtMs ?? Number.NEGATIVE_INFINITY;
    this.#shops = options.shops
      .filter((shop) => createdAtMs(shop) >= split.splitAtMs)
      .sort((a, b) => createdAtMs(a) - createdAtMs(b));
    this.#unborn = options.products
      .filter((product) => createdAtMs(product) >= split.splitAtMs)
      .sort((a, b) => createdAtMs(a) - createdAtMs(b));
    this.#unbornById = new Map(this.#unborn.map((product) => [product.productId, product]));
    this.#entered = new Set(this.#unborn.filter(({ productId }) => split.catalogue.has(productId)));
  }

  /** Every product that can be recommended now, with its shop. */
  get catalogue(): ReadonlyMap<string, string | undefined> {
    return this.#catalogue;
  }

  /** Behaviours played so far. */
  get played(): number {
    return this.#played;
  }

  /** Plays on to `nowMs`, not before where it stands. */
  advance(nowMs: EpochMs): Played<S, P> {
    if (nowMs < this.#nowMs) throw new RangeError('a log is played forwards');
    this.#nowMs = nowMs;
    const shops: S[] = [];
    for (let next = this.#shops[this.#opened]; isBefore(next?.createdAtMs, nowMs); ) {
      shops.push(next as S);
      next = this.#shops[++this.#opened];
    }
    const products: P[] = [];
    for (let next = this.#unborn[this.#born]; isBefore(next?.createdAtMs, nowMs); ) {
      this.#create(next as P, products);
      next = this.#unborn[++this.#born];
    }
    const from = this.#played;
    for (let next = this.#later[this.#played]; isBefore(next?.occurredAtMs, nowMs); ) {
      this.#actOn(next as Behaviour, products);
      next = this.#later[++this.#played];
    }
    return { nowMs, shops, products, behaviours: this.#later.slice(from, this.#played) };
  }

  /** What the catalogue says of a shop stands above what a behaviour said before. */
  #create(product: P, entered: P[]): void {
    const { productId, shopId } = product;
    this.#catalogue.set(productId, shopId ?? this.#catalogue.get(productId));
    this.#enter(product, entered);
  }

  #actOn({ productId, shopId }: Behaviour, entered: P[]): void {
    if (productId === undefined || this.#catalogue.get(productId) !== undefined) return;
    const product = this.#unbornById.get(productId);
    this.#catalogue.set(productId, shopId ?? product?.shopId);
    if (product !== undefined) this.#enter(product, entered);
  }

  #enter(product: P, entered: P[]): void {
    if (this.#entered.has(product)) return;
    this.#entered.add(product);
    entered.push(product);
  }
}

function isBefore(atMs: EpochMs | undefined, nowMs: EpochMs): boolean {
  return atMs !== undefined && atMs < nowMs;
}
