import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Behaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from '../../src/catalog/extractTags.js';
import type { Product } from '../../src/catalog/product.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import type { Traits } from '../../src/core/traits.js';
import { BEHAVIOUR_TYPES, type BehaviourType, type Language } from '../../src/core/vocabulary.js';
import type { RankedItem, Reason, ReasonCode } from '../../src/ranking/rankRequest.js';
import { wordCrowd } from '../../src/ranking/reasons/words.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { createContextOf } from '../../src/tags/behaviourContext.js';
import { NO_OVERRIDES } from '../../src/tags/overrideIndex.js';
import { aProduct, NOON_MS } from '../support/builders.js';
import { fixedClock } from '../support/clock.js';
import { rankOf } from '../support/rankOf.js';
import { peopleOf, readsOf } from '../support/reads.js';
import { aRankRequest } from './storefront.js';

const segmenter = createTitleSegmenter();
const PRODUCTS: readonly Product[] = Array.from({ length: 7 }, (_, i) =>
  aProduct({
    productId: `p${i}`,
    shopId: `s${i % 3}`,
    title: `Title${i}`,
    categoryPath: ['all', i < 4 ? 'tea' : 'tools'],
    attributes: { colour: ['red', 'blue'][i % 2] as string },
    priceMinor: i === 6 ? undefined : 100 * (i + 1),
    ...(i % 3 === 0 && { createdAtMs: NOON_MS - i * 6 * DAY_MS }),
  }),
);
const USERS = ['ann', 'bo', 'cy', 'di'] as const;
const TRAITS: Readonly<Record<string, Traits>> = {
  ann: { gender: 'female' },
  bo: { gender: 'female', region: 'north' },
  cy: { gender: 'male', region: 'north' },
};

const CART_TYPES = ['add_to_cart', 'remove_from_cart', 'purchase'] as const;

const someHistory = fc
  .array(
    fc.record({
      type: fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...BEHAVIOUR_TYPES) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(...CART_TYPES, 'review' as const),
        },
      ),
      // Mostly one person and one product, or hardly anything would ever follow from anything.
      userId: fc.constantFrom('ann', 'ann', ...USERS),
      product: fc.oneof(fc.constant(0), fc.nat(PRODUCTS.length - 1)),
      hoursAgo: fc.oneof(fc.nat(48), fc.nat(24 * 250)),
      rating: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 70 },
  )
  .map((drawn) =>
    drawn
      .map(
        ({ type, userId, product, hoursAgo, rating }, i): Behaviour => ({
          eventId: `e${i}`,
          type,
          userId,
          productId: `p${product}`,
          occurredAtMs: NOON_MS - hoursAgo * HOUR_MS,
          quantity: 1,
          ...(type === 'review' && { rating }),
        }),
      )
      .sort((a, b) => a.occurredAtMs - b.occurredAtMs),
  );

async function rankAfter(history: readonly Behaviour[]) {
  const catalog = createCatalogIndex();
  for (const product of PRODUCTS)
    catalog.upsertProduct({ product, revision: 1 }, extractTags(product, segmenter));
  const state = new MemoryOnlineState({
    catalog,
    weights: STARTING_WEIGHTS,
    queryTags: (query) => extractQueryTags(query, segmenter),
  });
  const contextOf = createContextOf({ catalog, toldTraits: (userId) => TRAITS[userId] ?? {} });
  for (const [i, behaviour] of history.entries()) {
    await state.apply([{ behaviour, context: contextOf(behaviour), seq: i + 1 }]);
  }
  return rankOf({
    overrides: NO_OVERRIDES,
    reads: readsOf(peopleOf(state, (userId) => TRAITS[userId] ?? {})),
    state,
    model: () => undefined,
    weights: STARTING_WEIGHTS,
    clock: fixedClock(),
    maxCandidates: 100,
    onDegraded: (_, cause) => {
      throw cause;
    },
  });
}

/** What a reason claims, checked against the plain list of what happened. */
interface Claim {
  readonly item: RankedItem;
  readonly product: Product;
  readonly reason: Reason;
  /** What this person did, with this product, and what anybody did with it. */
  readonly own: readonly Behaviour[];
  readonly ownHere: readonly Behaviour[];
  readonly anybodyHere: readonly Behaviour[];
  readonly history: readonly Behaviour[];
  readonly traits: Traits;
}

const productOf = (id: string | undefined) => PRODUCTS.find(({ productId }) => productId === id) as Product;
const ageDays = ({ occurredAtMs }: Behaviour) =>
  Math.floor(NOON_MS / DAY_MS) - Math.floor(occurredAtMs / DAY_MS);

const HOLDS: Readonly<Record<ReasonCode, (claim: Claim) => boolean>> = {
  bought_shop: ({ own, product, reason }) =>
    own.some(
      ({ type, productId }) => type === 'purchase' && productOf(productId).shopId === product.shopId,
    ) && reason.text.includes(product.shopId as string),
  repurchase_due({ ownHere, reason }) {
    const bought = ownHere.filter(({ type }) => type === 'purchase');
    const days = new Set(bought.map(ageDays));
    return (
      days.size > 0 && [days.size, Math.min(...days)].every((number) => reason.text.includes(`${number}`))
    );
  },
  viewed_before({ ownHere, reason }) {
    const days = ownHere.filter(({ type }) => type === 'browse' || type === 'favourite').map(ageDays);
    const latest = Math.min(...days);
    return (
      days.some((day) => (day === 0 ? /today|今天/ : new RegExp(` ${day} `)).test(reason.text)) && latest >= 0
    );
  },
  in_cart({ ownHere }) {
    const lastAt = (...types: BehaviourType[]) =>
      Math.max(...ownHere.filter(({ type }) => types.includes(type)).map(({ occurredAtMs }) => occurredAtMs));
    return lastAt('add_to_cart') > lastAt('purchase', 'remove_from_cart');
  },
  related_to_recent({ own, product, history, reason }) {
    const via = PRODUCTS.find(({ title }) => new RegExp(`[ 「]${title}[ 」]`).test(reason.text));
    const acted = (userId: string, productId: string | undefined) =>
      history.some((behaviour) => behaviour.userId === userId && behaviour.productId === productId);
    const byOneOfUs = USERS.some(
      (userId) => acted(userId, via?.productId) && acted(userId, product.productId),
    );
    return own.some(({ productId }) => productId === via?.productId) && byOneOfUs;
  },
  goes_together({ own, product, history, reason }) {
    const via = PRODUCTS.find(({ title }) => new RegExp(`[ 「]${title}(」|$)`).test(reason.text));
    const isTheirs = own.some(
      ({ type, productId }) =>
        productId === via?.productId && (type === 'purchase' || type === 'add_to_cart'),
    );
    const times = (userId: string, productId: string | undefined) =>
      history.flatMap((each) =>
        each.userId === userId && each.productId === productId ? each.occurredAtMs : [],
      );
    const followed = USERS.some((userId) =>
      times(userId, via?.productId).some((first) =>
        times(userId, product.productId).some((then) => then >= first),
      ),
    );
    return isTheirs && followed;
  },
  tag_match({ own, product, reason }) {
    const words = [
      ...product.categoryPath,
      ...Object.values(product.attributes),
      product.title.toLowerCase(),
    ];
    const named = reason.text.replace(/^.*(taste for |偏好：)/, '').split(/, |、/);
    const turnedTo = own.filter(({ type }) => STARTING_WEIGHTS[type].weight > 0);
    const known = (word: string) =>
      turnedTo.some(({ productId }) => {
        const { categoryPath, attributes, title } = productOf(productId);
        return [...categoryPath, ...Object.values(attributes), title.toLowerCase()].includes(word);
      });
    return named.every((word) => words.includes(word) && known(word));
  },
  crowd({ anybodyHere, traits, reason }) {
    return Object.entries(traits).some(
      ([dimension, value]) =>
        [value, wordCrowd(`${dimension}=${value}`, 'en'), wordCrowd(`${dimension}=${value}`, 'zh')].some(
          (word) => reason.text.includes(word),
        ) &&
        anybodyHere.some(
          ({ userId }) => (TRAITS[userId] as Record<string, string> | undefined)?.[dimension] === value,
        ),
    );
  },
  price_fit: ({ own, product }) =>
    product.priceMinor !== undefined &&
    own.some(({ type, productId }) => {
      const chosen = productOf(productId);
      const isPositive = STARTING_WEIGHTS[type].weight > 0;
      return (
        isPositive && chosen.priceMinor !== undefined && chosen.categoryPath[1] === product.categoryPath[1]
      );
    }),
  well_rated({ anybodyHere, reason }) {
    const ratings = anybodyHere.flatMap(({ rating }) => rating ?? []);
    const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
    return ratings.length >= 5 && mean >= 4.2 && reason.text.includes(mean.toFixed(1));
  },
  new_arrival: ({ product }) => NOON_MS - (product.createdAtMs ?? 0) <= 15 * DAY_MS,
  popular: ({ anybodyHere }) => anybodyHere.some((behaviour) => ageDays(behaviour) < 40),
  to_discover: ({ product, reason }) => reason.text.includes(product.categoryPath[1] as string),
};

it.each<Language>(['en', 'zh'])(
  'R5: property: no reason in %s claims what did not happen',
  async (language) => {
    const seen = new Set<ReasonCode>();
    await fc.assert(
      fc.asyncProperty(someHistory, async (history) => {
        const rank = await rankAfter(history);
        for (const userId of USERS) {
          const { items } = await rank(aRankRequest({ userId, language }));
          const own = history.filter((behaviour) => behaviour.userId === userId);
          for (const item of items) {
            const { productId } = item;
            expect(item.reasons.length).toBeGreaterThan(0);
            for (const reason of item.reasons) {
              seen.add(reason.code);
              expect(reason.strength).toBeGreaterThan(0);
              expect(reason.strength).toBeLessThanOrEqual(1);
              expect(/undefined|NaN|Infinity/.test(reason.text)).toBe(false);
              const holds = HOLDS[reason.code]({
                item,
                product: productOf(productId),
                reason,
                own,
                ownHere: own.filter((behaviour) => behaviour.productId === productId),
                anybodyHere: history.filter((behaviour) => behaviour.productId === productId),
                history,
                traits: TRAITS[userId] ?? {},
              });
              expect(holds ? [] : [userId, productId, reason.code, reason.text]).toEqual([]);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
    // The property is empty for reasons that never come up.
    for (const code of [
      'bought_shop',
      'viewed_before',
      'in_cart',
      'related_to_recent',
      'tag_match',
      'popular',
    ] as const) {
      expect(seen).toContain(code);
    }
  },
);
