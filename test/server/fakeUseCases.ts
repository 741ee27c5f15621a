import type { TrackOutcome } from '../../src/behaviour/track.js';
import { validateBehaviour } from '../../src/behaviour/validateBehaviour.js';
import type { Product } from '../../src/catalog/product.js';
import type { Shop } from '../../src/catalog/shop.js';
import type { UpsertOutcome } from '../../src/catalog/upsertCatalog.js';
import { validateProduct } from '../../src/catalog/validateProduct.js';
import { validateShop } from '../../src/catalog/validateShop.js';
import { InvalidInputError, NotFoundError } from '../../src/core/errors.js';
import type { Checked } from '../../src/core/fieldReader.js';
import { idViolation } from '../../src/core/ids.js';
import { DEFAULT_FAIRNESS_POLICY } from '../../src/fairness/fairnessPolicy.js';
import { UNSTEERED } from '../../src/fairness/fairnessState.js';
import { createGetFairness } from '../../src/fairness/getFairness.js';
import { createRecordImpressions } from '../../src/fairness/recordImpressions.js';
import type { User } from '../../src/identity/user.js';
import { validateIdentityLink, validateUserId } from '../../src/identity/validateIdentity.js';
import { validateUser } from '../../src/identity/validateUser.js';
import type { ExplainRequest } from '../../src/ranking/explain.js';
import type { RankRequest } from '../../src/ranking/rankRequest.js';
import { validateRankRequest } from '../../src/ranking/validateRankRequest.js';
import type { UseCases } from '../../src/server/useCases.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createTagOverrides } from '../../src/tags/tagOverrides.js';
import { createAttributeOrder } from '../../src/touch/attributeOrder.js';
import { createCanTouch } from '../../src/touch/canTouch.js';
import { createCanTouchBatch } from '../../src/touch/canTouchBatch.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { createRecordOutcome } from '../../src/touch/recordOutcome.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import { createReserveTouchBatch } from '../../src/touch/reserveTouchBatch.js';
import { createGetTouchHistory } from '../../src/touch/touchHistory.js';
import { ScriptedLedger } from '../touch/builders.js';

/** Noon in UTC: no quiet hours. */
export const NOW_MS = Date.UTC(2024, 5, 12, 12);

/** Small use cases with the rooms' real checks, and what they kept, to see what came over the wire. */
export function createFakeUseCases({ policy = defaultTouchPolicy() } = {}) {
  const kept = {
    events: new Map<string, unknown>(),
    shops: new Map<string, Shop>(),
    products: new Map<string, Product>(),
    users: new Map<string, User>(),
    rankRequests: [] as RankRequest[],
    explainRequests: [] as ExplainRequest[],
  };
  const ledger = new ScriptedLedger();
  const onTheirOwn = { idsOf: async (userId: string) => [userId], clock: { nowMs: () => NOW_MS } };
  const touch = {
    store: new MemoryTouchStore(),
    ledger,
    policy: () => policy,
    clock: { nowMs: () => NOW_MS },
    personOf: async (userId: string) => ({ homeId: userId, timezone: kept.users.get(userId)?.timezone }),
    personsOf: async (userIds: readonly string[]) =>
      userIds.map((userId) => ({ homeId: userId, timezone: kept.users.get(userId)?.timezone })),
    settleTouches: async () => {},
  };
  const useCases: UseCases = {
    async track(events) {
      const outcomes = events.map((event, i): TrackOutcome => {
        const checked = validateBehaviour(event, `events[${i}]`, NOW_MS);
        if (!checked.ok) return { status: 'rejected', violations: checked.violations };
        if (kept.events.has(checked.value.eventId)) return { status: 'duplicate' };
        kept.events.set(checked.value.eventId, checked.value);
        return { status: 'accepted' };
      });
      return { outcomes, watermark: `w${kept.events.size}` };
    },
    upsertShops: async (shops) =>
      shops.map((raw, i) =>
        keep(validateShop(raw, `shops[${i}]`), (shop) => kept.shops.set(shop.shopId, shop)),
      ),
    upsertProducts: async (products) =>
      products.map((raw, i) =>
        keep(validateProduct(raw, `products[${i}]`), (product) =>
          kept.products.set(product.productId, product),
        ),
      ),
    upsertUsers: async (users) =>
      users.map((raw, i) =>
        keep(validateUser(raw, `users[${i}]`), (user) => kept.users.set(user.userId, user)),
      ),
    getShop: async (shopId) => kept.shops.get(shopId),
    getProduct: async (productId) => {
      const product = kept.products.get(productId);
      return product && { product, revision: 7 };
    },
    getUser: async (userId) => kept.users.get(userId),
    idsOfPerson: async (userId) => [{ userId }],
    linkIdentity: async (raw) => ({ personId: validateIdentityLink(raw).userId, merged: true }),
    unlinkIdentity: async (userId) => ({ unlinked: validateUserId(userId) === 'linked' }),
    async rank(request) {
      validateRankRequest(request, 2_000);
      kept.rankRequests.push(request);
      return {
        rankId: 'rank-1',
        items: [
          {
            productId: 'p1',
            shopId: 's1',
            score: 0.75,
            relevance: 0.5,
            position: 1,
            reasons: [{ code: 'bought_shop', text: 'You bought here', strength: 1 }],
            sources: ['bought_shops'],
            adjustments: { quality: 1.5 },
            slotFacts: {
              chosenFor: 'bid',
              displacedProductId: 'p2',
              clickLoss: 0.25,
              likeLoss: 0.125,
              negativeFeedbackGain: -0.5,
              purchaseLoss: 0.0625,
              valueLossMinor: 12.5,
            },
          },
        ],
        degradationLevel: 'no_model',
        degradationReason: 'no model is loaded',
        modelVersion: '',
        candidateCount: 3,
        dropped: { out_of_stock: 2 },
        unknownCandidateCount: 1,
        answeredAtMs: NOW_MS,
      };
    },
    async explain({ userId, productId, language }) {
      const violation = idViolation('user_id', userId) ?? idViolation('product_id', productId);
      if (violation !== undefined) throw new InvalidInputError(violation);
      if (productId !== 'p1') throw new NotFoundError(`there is no product ${productId}`);
      kept.explainRequests.push({ userId, productId, language });
      return {
        score: -0.5,
        relevance: 0.25,
        contributions: [
          { kind: 'base', name: 'unknown', value: -2, contribution: -2 },
          { kind: 'feature', name: 'own_in_cart', value: 1, contribution: 1.25 },
          { kind: 'boost', name: 'quality', value: 1.25, contribution: 0.25 },
        ],
        reasons: [{ code: 'in_cart', text: 'It is in your cart', strength: 1 }],
        modelVersion: 'm-1',
        level: 'full',
        degradationReason: '',
        droppedBy: 'already_ordered',
        position: 3,
        sources: ['own_history'],
      };
    },
    async getTags({ subject }) {
      if (subject.kind === 'shop') throw new NotFoundError(`no shop ${subject.shopId}`);
      return {
        tags: [
          {
            tag: 'category:grocery/bread',
            weight: -0.5,
            origins: [
              { kind: 'intrinsic', field: 'category', weight: 1 },
              { kind: 'behaviour', type: 'refund', weight: -6, count: 2, lastAtMs: NOW_MS },
              { kind: 'audience', shareRatio: 0.6, overallShareRatio: 0.3, tgi: 200, weight: 0.1 },
              { kind: 'products', weight: 0.2, count: 4 },
            ],
          },
        ],
        shortTermTags: [],
        vetoed: [],
        clarity: 0.25,
        asOfMs: NOW_MS,
      };
    },
    recordImpressions: createRecordImpressions({
      store: { append: async (all) => all.map(({ positions }) => new Set(positions).size) },
      clock: { nowMs: () => NOW_MS },
    }),
    getFairness: createGetFairness({
      tallies: { between: async () => ({ shops: [], pages: [] }) },
      inForce: { state: UNSTEERED },
      facts: () => ({ shopCount: 0, totalMerit: 0, meritOf: () => 0, newShops: () => [] }),
      policy: DEFAULT_FAIRNESS_POLICY,
      clock: { nowMs: () => NOW_MS },
    }),
    async explainTag({ subject, tag }) {
      if (subject.kind === 'shop') throw new NotFoundError(`no shop ${subject.shopId}`);
      const parts = [
        {
          weight: 0.25,
          shortTermWeight: 0.5,
          fadedInAWeek: 0.125,
          source: {
            kind: 'behaviour',
            type: 'browse',
            userId: 'u1',
            eventId: 'e1',
            productId: 'p1',
            occurredAtMs: NOW_MS,
            sum: 0.75,
            halfLifeMs: 604_800_000,
          },
        },
        {
          weight: 0.25,
          shortTermWeight: 0,
          fadedInAWeek: 0,
          source: { kind: 'product', productId: 'p1', sales: 8, assortmentRatio: 0.5 },
        },
        {
          weight: 0.25,
          shortTermWeight: 0,
          fadedInAWeek: 0,
          source: { kind: 'intrinsic', field: 'brand', weight: 0.6 },
        },
        {
          weight: 0.25,
          shortTermWeight: 0,
          fadedInAWeek: 0,
          source: { kind: 'audience', shareRatio: 0.6, overallShareRatio: 0.3, tgi: 200, weight: 0.1 },
        },
      ] as const;
      return {
        tag: { tag, weight: 1, origins: [] },
        shortTermTag: { tag, weight: 0.5, origins: [] },
        learnedWeight: 1.5,
        learnedShortTermWeight: 0.5,
        parts,
        furtherCount: 3,
        furtherWeight: 0.5,
        furtherShortTermWeight: 0,
        fadingNext: parts.slice(0, 1),
        forecast: [{ atMs: NOW_MS, weight: 0.5, shortTermWeight: 0.125 }],
        asOfMs: NOW_MS,
        watermark: 'applied',
      };
    },
    getMatch: async () => ({
      degree: 0.8,
      tagCosine: -0.25,
      affinity: 0.5,
      audienceFit: 0.5,
      parts: [{ tag: 'brand:acme', userWeight: 0.5, shopWeight: -0.5, contribution: -0.25 }],
      reasons: ['because'],
    }),
    models: {
      add: async ({ addedBy }) => ({ version: `of ${addedBy}`, added: true }),
      list: async () => ({ models: [], changes: [] }),
      activate: async ({ version }) => version !== 'active',
      shadow: async ({ version }) => version !== '',
      rollBack: async () => undefined,
    },
    tagOverrides: createTagOverrides({
      store: {
        set: async (overrides) => overrides.length,
        delete: async (keys) => keys.length,
        list: async () => [],
        changes: async () => [],
      },
      catchUp: async () => {},
      clock: { nowMs: () => NOW_MS },
    }),
    touch: {
      canTouch: createCanTouch(touch),
      canTouchBatch: createCanTouchBatch(touch),
      reserveTouch: createReserveTouch(touch),
      reserveTouchBatch: createReserveTouchBatch(touch),
      commitTouch: createCommitTouch(touch),
      releaseTouch: createReleaseTouch(touch),
      recordOutcome: createRecordOutcome(touch),
      getHistory: createGetTouchHistory({ ledger, ...onTheirOwn }),
      attributeOrder: createAttributeOrder({ reachedTouches: { readBack: async () => [] }, ...onTheirOwn }),
      policy: touch.policy,
      setPolicy: async ({ version }) => version + 1,
    },
  };
  return { useCases, kept };
}

function keep<T>(checked: Checked<T>, store: (value: T) => void): UpsertOutcome {
  if (!checked.ok) return { status: 'rejected', violations: checked.violations };
  store(checked.value);
  return { status: 'accepted', revision: 1 };
}
