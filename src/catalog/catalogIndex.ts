import type { EpochMs } from '../core/time.js';
import { float32Column, float64Column, int32Column, uint8Column } from './column.js';
import type { IntrinsicTag } from './intrinsicTags.js';
import { NONE, Ordinals } from './ordinals.js';
import { overriddenTags } from './overriddenTags.js';
import type { WordsByTag } from './overrideWord.js';
import { Postings } from './postings.js';
import { type Price, PriceIndex } from './priceIndex.js';
import type { Product, ProductRevision } from './product.js';
import { ContentHistory, isSameContent, type ProductContent } from './productContent.js';
import type { Shop } from './shop.js';
import { categoryKeys, fieldOfTag, normaliseTagText } from './tagText.js';

/** Ids and their dense numbers, for reading. */
export type OrdinalLookup = Pick<Ordinals, 'size' | 'of' | 'idOf'>;

const NO_CONTENT: ProductContent = {
  tags: new Int32Array(0),
  weights: new Float64Array(0),
  leafCategory: NONE,
  shop: NONE,
};

/**
 * The catalogue inside the process, in columns by ordinal, with inverted lists from tags, shops and
 * categories to products. Ranking reads it without a promise and without allocating per candidate.
 * It is filled from the truth at start and after every upsert, and knows nothing of persistence.
 *
 * Products, shops, categories, brands and tags have ordinals of their own, dense and never reused.
 * Views of lists are good until the next write. Ordinals outside a column read as its default.
 */
export class CatalogIndex {
  readonly #products = new Ordinals();
  readonly #shops = new Ordinals();
  readonly #categories = new Ordinals();
  readonly #brands = new Ordinals();
  readonly #tags = new Ordinals();

  readonly #parentCategory = int32Column(NONE);
  readonly #shop = int32Column(NONE);
  /** The shop that behaviours named first, for products whose own content names none. */
  readonly #toldShop = int32Column(NONE);
  readonly #leafCategory = int32Column(NONE);
  readonly #brand = int32Column(NONE);
  readonly #priceMinor = float64Column(Number.NaN);
  readonly #pricePercentile = float32Column(Number.NaN);
  readonly #percentileVersion = float64Column(-1);
  readonly #inStock = uint8Column(1);
  readonly #createdAtMs = float64Column(Number.NaN);
  readonly #bid = float32Column(0);
  readonly #revision = int32Column(0);

  readonly #records: Product[] = [];
  readonly #contents: ProductContent[] = [];
  /** The contents as operators have them read: the very objects of `#contents` where nothing was said. */
  readonly #shown: ProductContent[] = [];
  readonly #overrides = new Map<string, WordsByTag>();
  readonly #histories: (ContentHistory | undefined)[] = [];
  readonly #shopRecords: Shop[] = [];

  /** `tagsOf` by content: every behaviour asks for them, and they do not change. */
  readonly #namedTags = new WeakMap<ProductContent, readonly IntrinsicTag[]>();
  readonly #withTag = new Postings();
  readonly #ofShop = new Postings();
  readonly #ofLeafCategory = new Postings();
  readonly #prices = new PriceIndex((category) => this.#parentCategory.get(category));
  #describedProducts = 0;

  // Ids and ordinals.

  get products(): OrdinalLookup {
    return this.#products;
  }

  get shops(): OrdinalLookup {
    return this.#shops;
  }

  /** Every level of every category path, by its key (`grocery/bread`, see `categoryKeys`). */
  get categories(): OrdinalLookup {
    return this.#categories;
  }

  /** Brands by their normalised name. */
  get brands(): OrdinalLookup {
    return this.#brands;
  }

  get tags(): OrdinalLookup {
    return this.#tags;
  }

  // Columns, by product ordinal.

  /** Shop ordinal, `NONE` without one. */
  shopAt(product: number): number {
    return this.#shop.get(product);
  }

  /** Id of the product's shop, undefined without one. */
  shopIdOf(product: number): string | undefined {
    const shop = this.#shop.get(product);
    return shop === NONE ? undefined : this.#shops.idOf(shop);
  }

  /** Category ordinal of the leaf, `NONE` without one. */
  leafCategoryAt(product: number): number {
    return this.#leafCategory.get(product);
  }

  /** Key of the leaf category such as `grocery/bread`, undefined without one. */
  leafCategoryOf(product: number): string | undefined {
    return this.#categoryKey(this.#leafCategory.get(product));
  }

  /** Brand ordinal, `NONE` without one. */
  brandAt(product: number): number {
    return this.#brand.get(product);
  }

  /** In the smallest unit of the product's currency; NaN when unknown. */
  priceMinorAt(product: number): number {
    return this.#priceMinor.get(product);
  }

  /** Of the product's price; undefined when it told none. */
  currencyAt(product: number): string | undefined {
    return this.#records[product]?.currency;
  }

  /** Percentile (0–1) of the product's price within its leaf category and currency; NaN without a price. */
  pricePercentileAt(product: number): number {
    if (this.#percentileVersion.get(product) !== this.#prices.version) {
      const price = priceOf(this.#records[product], this.leafCategoryAt(product));
      this.#pricePercentile.set(product, price === undefined ? Number.NaN : this.#prices.percentileOf(price));
      this.#percentileVersion.set(product, this.#prices.version);
    }
    return this.#pricePercentile.get(product);
  }

  /**
   * Percentile (0–1) that any price would have in the product's leaf category, such as the price
   * that was paid. The product's currency counts when none is given.
   */
  percentileOfPrice(product: number, priceMinor: number, currency?: string): number {
    const category = this.leafCategoryAt(product);
    return this.#prices.percentileOf({
      category,
      currency: currency ?? this.#records[product]?.currency ?? '',
      priceMinor,
    });
  }

  inStockAt(product: number): boolean {
    return this.#inStock.get(product) === 1;
  }

  /** NaN when unknown. */
  createdAtMsAt(product: number): EpochMs {
    return this.#createdAtMs.get(product);
  }

  /** Paid bid, 0–1. */
  bidAt(product: number): number {
    return this.#bid.get(product);
  }

  /** Revision of the content held; 0 for a product known from behaviours alone. */
  revisionAt(product: number): number {
    return this.#revision.get(product);
  }

  /**
   * Ordinals and weights of the product's tags as they are read now, overrides included; the very same
   * object until they change. A leaf category whose tag was vetoed is `NONE`.
   */
  tagsAt(product: number): ProductContent {
    return this.#shown[product] ?? NO_CONTENT;
  }

  /** The tags of `tagsAt` by name. */
  namedTagsAt(product: number): readonly IntrinsicTag[] {
    return this.#named(this.tagsAt(product));
  }

  /** The product itself, for answers. */
  productAt(product: number): Product {
    const record = this.#records[product];
    if (record === undefined) throw new RangeError(`no product has the ordinal ${product}`);
    return record;
  }

  // Revisions, for behaviours logged against them.

  /** Content as of a revision; without content for revision 0, undefined for one never seen here. */
  contentOf(product: number, revision: number): ProductContent | undefined {
    if (revision === 0) return NO_CONTENT;
    if (revision === this.#revision.get(product)) return this.#contents[product];
    return this.#histories[product]?.at(revision);
  }

  /** Whether a product's content at a revision is held here; that of revision 0, which is none, always is. */
  knowsRevision(productId: string, revision: number): boolean {
    return this.contentOf(this.#products.of(productId), revision) !== undefined;
  }

  /** The shop that a product's content named at a revision; undefined when it named none, or was never seen here. */
  shopOfRevision(productId: string, revision: number): string | undefined {
    const shop = this.contentOf(this.#products.of(productId), revision)?.shop ?? NONE;
    return shop === NONE ? undefined : this.#shops.idOf(shop);
  }

  /** The tags of `contentOf` by name. */
  tagsOf(product: number, revision: number): readonly IntrinsicTag[] | undefined {
    const content = this.contentOf(product, revision);
    return content === undefined ? undefined : this.#named(content);
  }

  #named(content: ProductContent): readonly IntrinsicTag[] {
    let tags = this.#namedTags.get(content);
    if (tags === undefined) {
      tags = this.#withNames(content);
      this.#namedTags.set(content, tags);
    }
    return tags;
  }

  #withNames(content: ProductContent): IntrinsicTag[] {
    return Array.from(content.tags, (ordinal, i) => {
      const tag = this.#tags.idOf(ordinal);
      return { tag, field: fieldOfTag(tag), weight: content.weights[i] as number };
    });
  }

  /** What a behaviour logged against a revision leaves on people; nothing when it was never seen here. */
  productFacts(
    productId: string,
    revision: number,
  ): { readonly tags: readonly IntrinsicTag[]; readonly leafCategory: string | undefined } {
    const product = this.#products.of(productId);
    return {
      tags: this.tagsOf(product, revision) ?? [],
      leafCategory: this.#categoryKey(this.contentOf(product, revision)?.leafCategory ?? NONE),
    };
  }

  // Inverted lists and frequencies; tags as they are read, overrides included.

  productsWithTag(tag: number): Int32Array {
    return this.#withTag.of(tag);
  }

  /** Changes whenever `productsWithTag` does. */
  versionWithTag(tag: number): number {
    return this.#withTag.versionOf(tag);
  }

  productsOfShop(shop: number): Int32Array {
    return this.#ofShop.of(shop);
  }

  /** Products whose leaf category it is; those of narrower categories are not among them. */
  productsOfLeafCategory(category: number): Int32Array {
    return this.#ofLeafCategory.of(category);
  }

  /** The next wider category, `NONE` above the widest. */
  parentCategoryOf(category: number): number {
    return this.#parentCategory.get(category);
  }

  /** In how many products the tag stands. */
  documentFrequencyAt(tag: number): number {
    return this.#withTag.lengthOf(tag);
  }

  /** `ln(1 + N/(1+df))` with N described products: above 0 even for a tag that all of them carry. */
  idfAt(tag: number): number {
    return Math.log1p(this.#describedProducts / (1 + this.#withTag.lengthOf(tag)));
  }

  /** `idfAt` by name; a tag that no product carries is as rare as can be. */
  idfOf(tag: string): number {
    return this.idfAt(this.#tags.of(tag));
  }

  // Shops.

  /** The shop itself, for answers; by shop ordinal. */
  shopRecordAt(shop: number): Shop {
    const record = this.#shopRecords[shop];
    if (record === undefined) throw new RangeError(`no shop has the ordinal ${shop}`);
    return record;
  }

  // Writing.

  /** Takes a shop's content; answers its ordinal. */
  upsertShop(shop: Shop): number {
    const ordinal = this.#shops.give(shop.shopId);
    this.#shopRecords[ordinal] = shop;
    return ordinal;
  }

  /** The shop's ordinal; a shop never heard of exists from now on. */
  ensureShop(shopId: string): number {
    const known = this.#shops.of(shopId);
    return known === NONE ? this.upsertShop({ shopId, name: '' }) : known;
  }

  /**
   * Takes one revision of a product with the tags extracted from it; answers the product's
   * ordinal. Revisions may come in any order: the highest is current, each stays known to
   * `contentOf`. The same one again changes nothing.
   */
  upsertProduct({ product, revision }: ProductRevision, tags: readonly IntrinsicTag[]): number {
    const ordinal = this.#products.give(product.productId);
    const held = this.#revision.get(ordinal);
    if (revision === held && held > 0) return ordinal;
    const content = this.#contentFor(product, tags);
    if (revision < held) {
      this.#historyOf(ordinal).note(revision, content);
      return ordinal;
    }
    this.#replace(ordinal, product, this.#succeed(ordinal, revision, content));
    return ordinal;
  }

  /**
   * The ordinal of a product that a behaviour named. One never heard of exists from now on:
   * revision 0, no tags, in stock. `shopId` is kept for as long as the content names no shop.
   */
  ensureProduct(productId: string, shopId?: string): number {
    let ordinal = this.#products.of(productId);
    if (ordinal === NONE) {
      ordinal = this.#products.give(productId);
      const stub = { productId, title: '', categoryPath: [], attributes: {}, inStock: true, bid: 0 };
      this.#records[ordinal] = shopId === undefined ? stub : { ...stub, shopId };
      this.#contents[ordinal] = NO_CONTENT;
      this.#show(ordinal);
    }
    if (shopId !== undefined && this.#toldShop.get(ordinal) === NONE) {
      this.#toldShop.set(ordinal, this.ensureShop(shopId));
      if (this.#shop.get(ordinal) === NONE) this.#moveToShop(ordinal, this.#toldShop.get(ordinal));
    }
    return ordinal;
  }

  /**
   * Has a product's tags read by these words from now on, whatever is upserted; none takes earlier ones
   * back. What behaviours leave on people (`contentOf`) stays as it was extracted. The product may be
   * one that is described later.
   */
  overrideTags(productId: string, words: WordsByTag): void {
    if (words.size === 0) this.#overrides.delete(productId);
    else this.#overrides.set(productId, words);
    const ordinal = this.#products.of(productId);
    if (ordinal !== NONE) this.#show(ordinal);
  }

  #contentFor(product: Product, tags: readonly IntrinsicTag[]): ProductContent {
    return {
      tags: Int32Array.from(tags, ({ tag }) => this.#tags.give(tag)),
      weights: Float64Array.from(tags, ({ weight }) => weight),
      leafCategory: this.#giveCategory(product.categoryPath),
      shop: product.shopId === undefined ? NONE : this.ensureShop(product.shopId),
    };
  }

  /** Makes `revision` current; answers its content, which is the old object when nothing changed in it. */
  #succeed(ordinal: number, revision: number, content: ProductContent): ProductContent {
    const held = this.#revision.get(ordinal);
    const old = this.#contents[ordinal] ?? NO_CONTENT;
    if (held === 0) this.#describedProducts += 1;
    else this.#historyOf(ordinal).note(held, old);
    this.#revision.set(ordinal, revision);
    return isSameContent(old, content) ? old : content;
  }

  #replace(ordinal: number, product: Product, content: ProductContent): void {
    const before = priceOf(this.#records[ordinal], this.#leafCategory.get(ordinal));
    const after = priceOf(product, content.leafCategory);
    if (!isSamePrice(before, after)) {
      if (before !== undefined) this.#prices.remove(before);
      if (after !== undefined) this.#prices.add(after);
    }
    this.#moveToCategory(ordinal, this.#contents[ordinal] ?? NO_CONTENT, content);
    this.#records[ordinal] = product;
    this.#contents[ordinal] = content;
    this.#show(ordinal);
    this.#percentileVersion.set(ordinal, -1);
    this.#leafCategory.set(ordinal, content.leafCategory);
    const shop = product.shopId === undefined ? this.#toldShop.get(ordinal) : this.ensureShop(product.shopId);
    this.#moveToShop(ordinal, shop);
    const brand = normaliseTagText(product.brand ?? '');
    this.#brand.set(ordinal, brand === '' ? NONE : this.#brands.give(brand));
    this.#priceMinor.set(ordinal, product.priceMinor ?? Number.NaN);
    this.#inStock.set(ordinal, product.inStock ? 1 : 0);
    this.#createdAtMs.set(ordinal, product.createdAtMs ?? Number.NaN);
    this.#bid.set(ordinal, product.bid);
  }

  /** Brings what is read of a product, and the lists of tags, up with its content and its overrides. */
  #show(ordinal: number): void {
    const old = this.#shown[ordinal] ?? NO_CONTENT;
    const content = this.#asOverridden(ordinal, this.#contents[ordinal] ?? NO_CONTENT);
    this.#shown[ordinal] = isSameContent(old, content) ? old : content;
    for (const tag of old.tags) if (!content.tags.includes(tag)) this.#withTag.remove(tag, ordinal);
    for (const tag of content.tags) if (!old.tags.includes(tag)) this.#withTag.add(tag, ordinal);
  }

  #asOverridden(ordinal: number, content: ProductContent): ProductContent {
    const words = this.#overrides.size === 0 ? undefined : this.#overrides.get(this.#products.idOf(ordinal));
    if (words === undefined) return content;
    const tags = overriddenTags(this.#named(content), words);
    const isLeafVetoed =
      words.get(`category:${this.#categoryKey(content.leafCategory)}`)?.word.action === 'veto';
    return {
      tags: Int32Array.from(tags, ({ tag }) => this.#tags.give(tag)),
      weights: Float64Array.from(tags, ({ weight }) => weight),
      leafCategory: isLeafVetoed ? NONE : content.leafCategory,
      shop: content.shop,
    };
  }

  #moveToCategory(ordinal: number, old: ProductContent, content: ProductContent): void {
    if (old.leafCategory === content.leafCategory) return;
    if (old.leafCategory !== NONE) this.#ofLeafCategory.remove(old.leafCategory, ordinal);
    if (content.leafCategory !== NONE) this.#ofLeafCategory.add(content.leafCategory, ordinal);
  }

  #moveToShop(ordinal: number, shop: number): void {
    const old = this.#shop.get(ordinal);
    if (old === shop) return;
    if (old !== NONE) this.#ofShop.remove(old, ordinal);
    if (shop !== NONE) this.#ofShop.add(shop, ordinal);
    this.#shop.set(ordinal, shop);
  }

  #giveCategory(path: readonly string[]): number {
    let parent = NONE;
    for (const key of categoryKeys(path)) {
      const category = this.#categories.give(key);
      this.#parentCategory.set(category, parent);
      parent = category;
    }
    return parent;
  }

  #categoryKey(category: number): string | undefined {
    return category === NONE ? undefined : this.#categories.idOf(category);
  }

  #historyOf(ordinal: number): ContentHistory {
    let history = this.#histories[ordinal];
    if (history === undefined) {
      history = new ContentHistory();
      this.#histories[ordinal] = history;
    }
    return history;
  }
}

/** An empty catalogue. */
export function createCatalogIndex(): CatalogIndex {
  return new CatalogIndex();
}

function priceOf(product: Product | undefined, category: number): Price | undefined {
  if (product?.priceMinor === undefined) return undefined;
  return { category, currency: product.currency ?? '', priceMinor: product.priceMinor };
}

function isSamePrice(a: Price | undefined, b: Price | undefined): boolean {
  return a?.category === b?.category && a?.currency === b?.currency && a?.priceMinor === b?.priceMinor;
}
