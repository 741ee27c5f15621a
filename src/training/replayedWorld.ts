import type { Behaviour } from '../behaviour/behaviour.js';
import { type BehaviourWeights, STARTING_WEIGHTS } from '../behaviour/weights.js';
import { createCatalogIndex } from '../catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from '../catalog/extractTags.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { createTitleSegmenter, type TitleSegmenter } from '../catalog/titleSegmenter.js';
import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import type { User } from '../identity/user.js';
import { UserDirectory } from '../identity/userDirectory.js';
import type { Candidates } from '../ranking/candidates.js';
import { applyFilters } from '../ranking/filters/index.js';
import { gather } from '../ranking/gather.js';
import { PopularityBoards } from '../ranking/popularityBoards.js';
import { hydrateQuery, type Query } from '../ranking/query.js';
import { MemoryOnlineState } from '../stores/memory/memoryOnlineState.js';
import { createContextOf } from '../tags/behaviourContext.js';
import { traitsOf } from '../tags/people.js';

/** The records that a replay starts from. */
export interface ReplaySource {
  shops(): AsyncIterable<Shop>;
  products(): AsyncIterable<Product>;
  users(): AsyncIterable<User>;
}

/**
 * The online state of any past moment, made by the same code that serves, without a truth behind
 * it: behaviours are applied in the order of time, and queries asked in between see only what
 * came before them.
 */
export class ReplayedWorld {
  readonly #state: MemoryOnlineState;
  readonly #boards: PopularityBoards;
  readonly #directory = new UserDirectory();
  readonly #contextOf: ReturnType<typeof createContextOf>;
  readonly #weights: BehaviourWeights;
  #seq = 0;

  private constructor(segmenter: TitleSegmenter, weights: BehaviourWeights) {
    this.#weights = weights;
    const catalog = createCatalogIndex();
    this.#state = new MemoryOnlineState({
      catalog,
      weights,
      queryTags: (query) => extractQueryTags(query, segmenter),
    });
    this.#boards = new PopularityBoards(this.#state);
    this.#contextOf = createContextOf({
      catalog,
      toldTraits: (userId) => this.#directory.traitsOf(userId),
    });
  }

  static async from(
    source: ReplaySource,
    weights: BehaviourWeights = STARTING_WEIGHTS,
  ): Promise<ReplayedWorld> {
    const segmenter = createTitleSegmenter();
    const world = new ReplayedWorld(segmenter, weights);
    const { catalog } = world.#state;
    for await (const shop of source.shops()) catalog.upsertShop(shop);
    for await (const product of source.products()) {
      catalog.upsertProduct({ product, revision: 1 }, extractTags(product, segmenter));
    }
    for await (const user of source.users()) world.#directory.put(user);
    return world;
  }

  async apply(behaviour: Behaviour): Promise<void> {
    this.#seq += 1;
    await this.#state.apply([{ behaviour, context: this.#contextOf(behaviour), seq: this.#seq }]);
  }

  /** The recalled and filtered candidates of a person as of `nowMs`, before scoring. */
  ask(userId: string, nowMs: EpochMs): { query: Query; candidates: Candidates } {
    const user = this.#state.userNow(userId);
    const query = hydrateQuery({
      request: {
        userId,
        scene: 'home',
        candidateIds: [],
        pageSize: 20,
        language: 'en',
        excludeProductIds: [],
        shopIds: [],
        categoryPrefix: '',
      },
      user,
      traits: this.#traits(userId, nowMs),
      state: this.#state,
      boards: this.#boards,
      weights: this.#weights,
      nowMs,
    });
    const { candidates } = gather(query, this.#boards);
    return { query, candidates: applyFilters(query, candidates).kept };
  }

  productIdAt(ordinal: number): string {
    return this.#state.catalog.products.idOf(ordinal);
  }

  #traits(userId: string, nowMs: EpochMs): Traits {
    return traitsOf({ told: this.#directory.traitsOf(userId), state: this.#state.userNow(userId) }, nowMs);
  }
}
