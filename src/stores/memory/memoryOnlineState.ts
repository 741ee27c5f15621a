import type { LoggedBehaviour } from '../../behaviour/behaviour.js';
import { ownWeight } from '../../behaviour/counting.js';
import { addToCrowds, type Crowds } from '../../behaviour/crowds.js';
import type { Projection } from '../../behaviour/projection.js';
import { emptyRelations, type RecentProduct, relate } from '../../behaviour/relations.js';
import {
  emptyRepeatStats,
  mergeRepeats,
  noteDays,
  type RepeatOutlook,
  type RepeatStats,
  repeatOutlook,
} from '../../behaviour/repurchase.js';
import { emptySequels, noteStep } from '../../behaviour/sequels.js';
import { emptyVisits, noteVisit } from '../../behaviour/visits.js';
import type { BehaviourWeights } from '../../behaviour/weights.js';
import type { CatalogIndex } from '../../catalog/catalogIndex.js';
import type { IntrinsicTag } from '../../catalog/intrinsicTags.js';
import { NONE } from '../../catalog/ordinals.js';
import { addDecayed, emptySum, readDecayed } from '../../core/decay.js';
import { type EpochMs, type HalfLifeMs, HOUR_MS } from '../../core/time.js';
import type { RankingState } from '../../ranking/rankingState.js';
import { type Audience, addToAudience } from '../../tags/audience.js';
import { type AudienceDelta, AudienceFold } from '../../tags/audienceFold.js';
import {
  addPopularity,
  emptyProductState,
  noteBehaviour,
  POPULARITY_HALF_LIVES,
  type ProductState,
} from '../../tags/productState.js';
import { addShopBehaviour, emptyShopState, type ShopState } from '../../tags/shopState.js';
import {
  applyToUser,
  emptyUserState,
  type FactsAtLogging,
  type UserChange,
  type UserState,
} from '../../tags/userState.js';
import type { UserStateStore } from '../../tags/userStateStore.js';
import { type HistoryThrough, LinkedPersons } from './linkedPersons.js';

/** Of the products acted on last, so many are related to the next one. */
const RELATED_RECENT = 30;

/** A repeat of the same act on the same product within this relates nothing anew. */
const ONE_SITTING_MS = 2 * HOUR_MS;

/** Where people come from who are not kept in memory all the time. */
export interface PeopleOnDemand {
  /** Most people kept at a time; those acted longest ago are forgotten first. */
  readonly most: number;
  /** What these people did up to and including `throughSeq`, in the order of the log. */
  load(people: { userIds: readonly string[]; throughSeq: number }): Promise<readonly LoggedBehaviour[]>;
}

/**
 * The online state in this process: the reference implementation of `Projection`,
 * `UserStateStore` and `RankingState`, by calling the rooms' rules. Lost with the process and
 * rebuilt from the log at start.
 *
 * With `people` it keeps products and shops alone for good, and people only while they act: what a
 * behaviour does to a product depends on what the person did before (the how-manieth order, what
 * goes with it). Behaviours must then be applied in the order of the log.
 *
 * What a behaviour does to a product goes by the user id that it came with, also where that id is one
 * of several of a person (T7): so products and shops are the same on every server and after every
 * replay, whatever is linked when. A person is read as the whole of their ids.
 */
export class MemoryOnlineState implements Projection, UserStateStore, RankingState {
  readonly catalog: CatalogIndex;
  readonly relations = emptyRelations();
  readonly sequels = emptySequels();
  readonly visits = emptyVisits();
  readonly crowds: Crowds = new Map();
  /** The traits of everybody who acted on anything. */
  readonly population: Audience = new Map();

  readonly #weights: BehaviourWeights;
  readonly #facts: FactsAtLogging;
  readonly #audiences: AudienceFold;
  readonly #users = new Map<string, UserState>();
  readonly #products: (ProductState | undefined)[] = [];
  readonly #shops: (ShopState | undefined)[] = [];
  /** By leaf category: the repeats of its products together. */
  readonly #categoryRepeats: (RepeatStats | undefined)[] = [];
  /** The category among whose repeats a product's own are, by product. */
  readonly #repeatsStandIn: (number | undefined)[] = [];
  readonly #repeats = emptyRepeatStats();
  readonly #totalPopularity = emptySum();
  readonly #people: PeopleOnDemand | undefined;
  /** Persons of several ids, beside the states of their ids. */
  readonly #linked: LinkedPersons;
  readonly #outlooks = new Map<number, RepeatOutlook>();
  #outlooksVersion = -1;
  #appliedSeq = 0;
  #version = 0;

  constructor({
    catalog,
    weights,
    queryTags,
    people,
  }: {
    catalog: CatalogIndex;
    weights: BehaviourWeights;
    queryTags: (query: string) => readonly IntrinsicTag[];
    people?: PeopleOnDemand;
  }) {
    this.#people = people;
    this.catalog = catalog;
    this.#weights = weights;
    this.#facts = {
      productFacts: (productId, revision) => catalog.productFacts(productId, revision),
      queryTags,
    };
    this.#audiences = new AudienceFold({ weights, facts: this.#facts });
    this.#linked = new LinkedPersons((state, logged) => {
      applyToUser(state, logged, { weights, facts: this.#facts });
    });
  }

  /** These ids are one person from now on, before anything of theirs was applied. */
  beginPerson(memberIds: readonly string[]): void {
    this.#linked.begin(memberIds);
  }

  /**
   * These ids are one person from now on, with what `read` says that they did; one call at a time.
   * Behaviours may be applied meanwhile.
   */
  joinPerson(memberIds: readonly string[], read: () => Promise<HistoryThrough>): Promise<void> {
    return this.#linked.join(memberIds, read);
  }

  /** The id is a person of its own from now on. */
  partPerson(userId: string): void {
    this.#linked.part(userId);
  }

  get version(): number {
    return this.#version;
  }

  appliedSeq(): number {
    return this.#appliedSeq;
  }

  async apply(batch: readonly LoggedBehaviour[]): Promise<void> {
    if (this.#people !== undefined) await this.#recall(batch, this.#people);
    for (const logged of batch) this.#applyOne(logged);
    if (this.#people !== undefined) this.#forget(this.#people.most);
  }

  /** Folds the past of the people of a batch who are not in memory; those who are move to the end. */
  async #recall(batch: readonly LoggedBehaviour[], people: PeopleOnDemand): Promise<void> {
    const missing = new Set<string>();
    for (const { behaviour } of batch) {
      const known = this.#users.get(behaviour.userId);
      if (known === undefined) missing.add(behaviour.userId);
      else {
        this.#users.delete(behaviour.userId);
        this.#users.set(behaviour.userId, known);
      }
    }
    if (missing.size === 0 || this.#appliedSeq === 0) return;
    const past = await people.load({ userIds: [...missing], throughSeq: this.#appliedSeq });
    for (const logged of past) {
      applyToUser(this.#user(logged.behaviour.userId), logged, {
        weights: this.#weights,
        facts: this.#facts,
      });
    }
  }

  #forget(most: number): void {
    for (const userId of this.#users.keys()) {
      if (this.#users.size <= most) return;
      this.#users.delete(userId);
    }
  }

  async readUser(userId: string): Promise<UserState | undefined> {
    return this.userNow(userId);
  }

  /** The same without a promise, for what is logged with a behaviour. */
  userNow(userId: string): UserState | undefined {
    return this.#linked.has(userId) ? this.#linked.stateOf(userId) : this.#users.get(userId);
  }

  /** How many people the state knows. */
  get userCount(): number {
    return this.#users.size;
  }

  productState(ordinal: number): ProductState | undefined {
    return this.#products[ordinal];
  }

  shopState(shopOrdinal: number): ShopState | undefined {
    return this.#shops[shopOrdinal];
  }

  totalPopularity(nowMs: EpochMs): number {
    return Math.max(0, readDecayed(this.#totalPopularity, nowMs, POPULARITY_HALF_LIVES[2] as HalfLifeMs));
  }

  /** One request asks several times of the same product: answers are kept until something is applied. */
  repeatOutlook(ordinal: number): RepeatOutlook {
    if (this.#outlooksVersion !== this.#version) {
      this.#outlooks.clear();
      this.#outlooksVersion = this.#version;
    }
    let outlook = this.#outlooks.get(ordinal);
    if (outlook === undefined) {
      outlook = this.#workOutOutlook(ordinal);
      this.#outlooks.set(ordinal, outlook);
    }
    return outlook;
  }

  #workOutOutlook(ordinal: number): RepeatOutlook {
    const everybody = repeatOutlook(this.#repeats);
    const wider = this.#categoryRepeats[this.catalog.leafCategoryAt(ordinal)];
    const around = wider === undefined ? everybody : repeatOutlook(wider, everybody);
    const own = this.#products[ordinal]?.repeat;
    return own === undefined ? around : repeatOutlook(own, around);
  }

  #applyOne(logged: LoggedBehaviour): void {
    const { userId, productId, type, occurredAtMs, rating } = logged.behaviour;
    const { shopId } = logged.context;
    const user = this.#user(userId);
    const ordinal = productId === undefined ? undefined : this.catalog.ensureProduct(productId, shopId);
    const lastSameMs =
      productId === undefined ? undefined : user.products.get(productId)?.byType.get(type)?.lastAtMs;
    const isNewAct = lastSameMs === undefined || Math.abs(occurredAtMs - lastSameMs) > ONE_SITTING_MS;
    if (ordinal !== undefined && isNewAct) this.#relate(user, ordinal, logged);
    if (ordinal !== undefined && ownWeight(logged.behaviour, this.#weights) > 0) {
      noteVisit(this.visits, { userId, ordinal, atMs: occurredAtMs });
    }
    const { change, deltas } = this.#audiences.around(user, logged, () =>
      applyToUser(user, logged, { weights: this.#weights, facts: this.#facts }),
    );
    if (ordinal !== undefined) {
      noteBehaviour(this.#product(ordinal), { type, atMs: occurredAtMs, rating });
      this.#noteRepeats(ordinal, change);
    }
    if (shopId !== undefined) this.#noteShop(this.#shop(this.catalog.ensureShop(shopId)), logged, change);
    for (const delta of deltas) this.#applyDelta(delta);
    this.#linked.apply(logged);
    if (logged.seq > this.#appliedSeq) this.#appliedSeq = logged.seq;
    this.#version += 1;
  }

  #relate(user: UserState, ordinal: number, { behaviour }: LoggedBehaviour): void {
    const weight = ownWeight(behaviour, this.#weights);
    if (weight <= 0) return;
    const recent: RecentProduct[] = [];
    for (const { productId, atMs } of user.recent.slice(0, RELATED_RECENT)) {
      if (productId === behaviour.productId) continue;
      recent.push({
        ordinal: this.catalog.ensureProduct(productId),
        weight: this.#strongest(user, productId),
        atMs,
      });
    }
    const product = { ordinal, weight, atMs: behaviour.occurredAtMs };
    relate(this.relations, product, recent);
    noteStep(this.sequels, product, recent);
  }

  /** The weight of the strongest thing that a person did with a product. */
  #strongest(user: UserState, productId: string): number {
    let strongest = 0;
    for (const type of user.products.get(productId)?.byType.keys() ?? []) {
      strongest = Math.max(strongest, this.#weights[type].weight);
    }
    return strongest;
  }

  #noteRepeats(ordinal: number, change: UserChange): void {
    if (change.productDays === undefined) return;
    const { repeat } = this.#product(ordinal);
    const category = this.#settleRepeats(ordinal, repeat);
    noteDays(repeat, change.productDays);
    noteDays(this.#repeats, change.productDays);
    if (category !== undefined) noteDays(category, change.productDays);
  }

  /**
   * Moves a product's repeats to those of the category that it is in now: it may have been described
   * or moved since it was last bought. Answers that category's, undefined without one.
   */
  #settleRepeats(ordinal: number, repeat: RepeatStats): RepeatStats | undefined {
    const [before, now] = [this.#repeatsStandIn[ordinal] ?? NONE, this.catalog.leafCategoryAt(ordinal)];
    if (before !== now) {
      if (before !== NONE) mergeRepeats(this.#repeatsOf(before), repeat, -1);
      if (now !== NONE) mergeRepeats(this.#repeatsOf(now), repeat, 1);
      this.#repeatsStandIn[ordinal] = now;
    }
    return now === NONE ? undefined : this.#repeatsOf(now);
  }

  #repeatsOf(category: number): RepeatStats {
    let stats = this.#categoryRepeats[category];
    if (stats === undefined) {
      stats = emptyRepeatStats();
      this.#categoryRepeats[category] = stats;
    }
    return stats;
  }

  #noteShop(shop: ShopState, { behaviour }: LoggedBehaviour, change: UserChange): void {
    if (behaviour.rating !== undefined) {
      shop.ratingSum += behaviour.rating;
      shop.ratingCount += 1;
    }
    if (change.shopDays?.after === 1) shop.buyers += 1;
    if (change.shopDays?.after === 2) shop.returningBuyers += 1;
  }

  #applyDelta({ of, weight, audienceWeight, traits }: AudienceDelta): void {
    const { productId, occurredAtMs: atMs } = of.behaviour;
    const { shopId } = of.context;
    addToAudience(this.population, { traits, weight: audienceWeight, atMs });
    if (productId !== undefined) {
      const ordinal = this.catalog.ensureProduct(productId);
      const product = this.#product(ordinal);
      addPopularity(product, weight, atMs);
      addDecayed(this.#totalPopularity, weight, atMs, POPULARITY_HALF_LIVES[2] as HalfLifeMs);
      addToAudience(product.audience, { traits, weight: audienceWeight, atMs });
      addToCrowds(this.crowds, { traits, ordinal, weight, atMs });
    }
    if (shopId === undefined) return;
    const shop = this.#shop(this.catalog.ensureShop(shopId));
    addShopBehaviour(shop, { productId, weight: audienceWeight, atMs });
    addToAudience(shop.audience, { traits, weight: audienceWeight, atMs });
  }

  #user(userId: string): UserState {
    let user = this.#users.get(userId);
    if (user === undefined) {
      user = emptyUserState(userId);
      this.#users.set(userId, user);
    }
    return user;
  }

  #product(ordinal: number): ProductState {
    let product = this.#products[ordinal];
    if (product === undefined) {
      product = emptyProductState();
      this.#products[ordinal] = product;
    }
    return product;
  }

  #shop(ordinal: number): ShopState {
    let shop = this.#shops[ordinal];
    if (shop === undefined) {
      shop = emptyShopState();
      this.#shops[ordinal] = shop;
    }
    return shop;
  }
}
