import type { EpochMs } from '../core/time.js';
import { popularityAt } from '../tags/productState.js';
import type { RankingState } from './rankingState.js';

/** What orders a board: popularity by an index of `POPULARITY_HALF_LIVES`, of all time, or newness. */
export type Popularity = 0 | 1 | 2 | 3 | 'all_time' | 'newest';

/** Products in order of popularity, best first, with the value they were ordered by. */
export interface Board {
  readonly ordinals: readonly number[];
  readonly values: readonly number[];
}

type Members = { readonly length: number; readonly [place: number]: number };

interface CachedBoard {
  readonly board: Board;
  readonly madeAtVersion: number;
  readonly memberCount: number;
  readonly membersVersion: number;
}

/** Boards kept; past these all are made anew as they are asked for. */
const MOST_BOARDS = 20_000;

/** Longest board kept. */
export const BOARD_LENGTH = 400;

/**
 * The most popular products of a group (everything, a shop, a category, a tag), made when first
 * asked for and again once enough has happened: a hundredth of the group's size in behaviours, so
 * that a small shop is always fresh and a large catalogue is not sorted for every purchase.
 * Fading keeps the order of products, so time alone never makes a board stale.
 */
export class PopularityBoards {
  readonly #state: RankingState;
  readonly #boards = new Map<string, CachedBoard>();

  constructor(state: RankingState) {
    this.#state = state;
  }

  /** The board of the whole catalogue. */
  ofAll(popularity: Popularity, nowMs: EpochMs): Board {
    return this.of('all', { members: { length: this.#state.catalog.products.size }, popularity, nowMs });
  }

  /**
   * The board of `members` (ordinals; only a length: everything below it), cached under `group`. A group
   * whose members may change without their number gives a `membersVersion` that changes with them.
   */
  of(
    group: string,
    {
      members,
      membersVersion = 0,
      popularity,
      nowMs,
    }: { members: Members; membersVersion?: number; popularity: Popularity; nowMs: EpochMs },
  ): Board {
    const key = `${popularity}|${group}`;
    const cached = this.#boards.get(key);
    const version = this.#state.version;
    if (
      cached !== undefined &&
      cached.memberCount === members.length &&
      cached.membersVersion === membersVersion &&
      version - cached.madeAtVersion <= members.length / 100
    ) {
      return cached.board;
    }
    const board = this.#make(members, popularity, nowMs);
    if (this.#boards.size >= MOST_BOARDS) this.#boards.clear();
    this.#boards.set(key, { board, madeAtVersion: version, memberCount: members.length, membersVersion });
    return board;
  }

  #make(members: Members, popularity: Popularity, nowMs: EpochMs): Board {
    const entries: { ordinal: number; value: number }[] = [];
    for (let i = 0; i < members.length; i++) {
      const ordinal = members[i] ?? i;
      const value = this.#value(ordinal, popularity, nowMs);
      if (value > 0) entries.push({ ordinal, value });
    }
    entries.sort((a, b) => b.value - a.value || a.ordinal - b.ordinal);
    const best = entries.slice(0, BOARD_LENGTH);
    return { ordinals: best.map((entry) => entry.ordinal), values: best.map((entry) => entry.value) };
  }

  #value(ordinal: number, popularity: Popularity, nowMs: EpochMs): number {
    const product = this.#state.productState(ordinal);
    if (popularity === 'newest') {
      const createdAtMs = this.#state.catalog.createdAtMsAt(ordinal);
      // Of a product that nobody dated or touched nothing is known but that it is there: it comes last.
      const appearedMs = Number.isNaN(createdAtMs) ? (product?.firstSeenMs ?? 1) : createdAtMs;
      return appearedMs <= nowMs ? appearedMs : 0;
    }
    if (product === undefined) return 0;
    return popularity === 'all_time' ? product.allTime : popularityAt(product, popularity, nowMs);
  }
}
