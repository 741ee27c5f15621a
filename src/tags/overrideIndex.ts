import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { idOfSubject, type OverrideChange, type OverridesByTag, type TagOverride } from './tagOverride.js';
import type { TagSubject } from './tagReport.js';

/** The overrides that vectors are read by; undefined where a subject has none, which costs one look. */
export interface OverridesInForce {
  /** `memberIds` are all ids of the person, where there are several. */
  ofPerson(userId: string, memberIds?: readonly string[]): OverridesByTag | undefined;
  ofProduct(productId: string): OverridesByTag | undefined;
  ofShop(shopId: string): OverridesByTag | undefined;
}

/** For whoever reads what was learned, and nothing else. */
export const NO_OVERRIDES: OverridesInForce = {
  ofPerson: () => undefined,
  ofProduct: () => undefined,
  ofShop: () => undefined,
};

/**
 * All overrides in force, in this process: some hundred bytes each. Those of products are handed on
 * to the catalogue as well, whose inverted lists go by them.
 */
export class OverrideIndex implements OverridesInForce {
  readonly #catalog: Pick<CatalogIndex, 'overrideTags'>;
  readonly #of: Readonly<Record<TagSubject['kind'], Map<string, Map<string, TagOverride>>>> = {
    user: new Map(),
    product: new Map(),
    shop: new Map(),
  };

  constructor(catalog: Pick<CatalogIndex, 'overrideTags'>) {
    this.#catalog = catalog;
  }

  /** Takes last words in, in rising seq. */
  apply(changes: readonly OverrideChange[]): void {
    const products = new Set<string>();
    for (const { word, isCurrent, ...said } of changes) {
      const id = idOfSubject(said.subject);
      const subjects = this.#of[said.subject.kind];
      const byTag = subjects.get(id) ?? new Map<string, TagOverride>();
      // In the order of words, as on a server that starts now: sums are then the same to the bit.
      byTag.delete(said.tag);
      if (word !== undefined) byTag.set(said.tag, { ...said, word });
      if (byTag.size === 0) subjects.delete(id);
      else subjects.set(id, byTag);
      if (said.subject.kind === 'product') products.add(id);
    }
    for (const productId of products) {
      this.#catalog.overrideTags(productId, this.ofProduct(productId) ?? new Map());
    }
  }

  /**
   * What was said of any id of a person holds for the person (T7). Of two words on one tag the one said
   * last wins, so that the person is the same under every id; deleting it brings the other back.
   */
  ofPerson(userId: string, memberIds: readonly string[] = [userId]): OverridesByTag | undefined {
    const users = this.#of.user;
    if (users.size === 0) return undefined;
    let found: OverridesByTag | undefined;
    for (const memberId of memberIds) {
      const own = users.get(memberId);
      if (own !== undefined) found = found === undefined ? own : lastWords(found, own);
    }
    return found;
  }

  ofProduct(productId: string): OverridesByTag | undefined {
    return this.#of.product.get(productId);
  }

  ofShop(shopId: string): OverridesByTag | undefined {
    return this.#of.shop.get(shopId);
  }
}

function lastWords(some: OverridesByTag, others: OverridesByTag): OverridesByTag {
  const merged = new Map(some);
  for (const [tag, other] of others) {
    const known = merged.get(tag);
    if (known === undefined || known.seq < other.seq) merged.set(tag, other);
  }
  return merged;
}
