import type { UserState } from '../tags/userState.js';
import { type FoldRules, foldHistory } from './foldHistory.js';

/**
 * Packed bytes of all states that are kept; those read longest ago are forgotten first. A behaviour
 * of eight bytes is a kilobyte or two in a folded state, so this is some two hundred megabytes.
 */
const KEPT_BYTES = 1_000_000;

/** Products' contents in this process, which may lag behind what other servers were told. */
export interface KnownRevisions {
  readonly isKnown: (productId: string, revision: number) => boolean;
  /** Resolves when everything is known that was committed before the call. */
  readonly catchUp: () => Promise<void>;
}

interface KeptState {
  /** The very bytes that the state was folded from. */
  readonly histories: readonly Uint8Array[];
  readonly bytes: number;
  readonly state: UserState;
}

/**
 * People folded from their packed behaviours, each kept and used again for as long as the bytes are the
 * same: a page of several lists folds once.
 */
export class FoldedStates {
  readonly #rules: FoldRules;
  readonly #revisions: KnownRevisions;
  readonly #kept = new Map<string, KeptState>();
  #keptBytes = 0;

  constructor({ rules, revisions }: { rules: FoldRules; revisions: KnownRevisions }) {
    this.#rules = rules;
    this.#revisions = revisions;
  }

  /** Undefined when there is no behaviour at all. */
  async stateOf(userId: string, histories: readonly Uint8Array[]): Promise<UserState | undefined> {
    if (histories.length === 0) return undefined;
    const kept = this.#take(userId);
    if (kept !== undefined && isSame(kept.histories, histories)) {
      this.#put(userId, kept);
      return kept.state;
    }
    let { state, isWhole } = this.#fold(userId, histories);
    if (!isWhole) {
      // Another server described a product a moment ago: without its content the tags would be missing.
      await this.#revisions.catchUp();
      ({ state, isWhole } = this.#fold(userId, histories));
    }
    const bytes = histories.reduce((sum, { length }) => sum + length, 0);
    if (isWhole) this.#put(userId, { histories, bytes, state });
    return state;
  }

  #fold(userId: string, histories: readonly Uint8Array[]): { state: UserState; isWhole: boolean } {
    let isWhole = true;
    const { facts, shopOf, weights } = this.#rules;
    const note = (productId: string, revision: number): void => {
      if (revision > 0 && !this.#revisions.isKnown(productId, revision)) isWhole = false;
    };
    const state = foldHistory(userId, histories, {
      weights,
      facts: {
        productFacts: (productId, revision) => {
          note(productId, revision);
          return facts.productFacts(productId, revision);
        },
        queryTags: facts.queryTags,
      },
      shopOf,
    });
    return { state, isWhole };
  }

  #take(userId: string): KeptState | undefined {
    const kept = this.#kept.get(userId);
    if (kept === undefined) return undefined;
    this.#kept.delete(userId);
    this.#keptBytes -= kept.bytes;
    return kept;
  }

  #put(userId: string, state: KeptState): void {
    this.#take(userId);
    this.#kept.set(userId, state);
    this.#keptBytes += state.bytes;
    for (const longestAgo of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) return;
      this.#take(longestAgo);
    }
  }
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length &&
    some.every((bytes, i) => Buffer.compare(bytes, others[i] as Uint8Array) === 0)
  );
}
