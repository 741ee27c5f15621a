import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import type { RawBehaviour } from '../../src/behaviour/validateBehaviour.js';
import type { RawProduct } from '../../src/catalog/validateProduct.js';
import type { BehaviourType } from '../../src/core/vocabulary.js';
import type { RawUser } from '../../src/identity/validateUser.js';
import type { RankAnswer, RankedItem, RankRequest } from '../../src/ranking/rankRequest.js';
import { openPglite } from '../../src/stores/postgres/pglite.js';
import type { Sql } from '../../src/stores/postgres/sql.js';
import { NOON_MS } from '../support/builders.js';
import { type SteppableClock, steppableClock } from '../support/clock.js';
import { emptyTruth } from '../support/emptyTruth.js';

const silent = { info: () => {}, warn: () => {} };

export function aRankRequest(facts: Partial<RankRequest> = {}): RankRequest {
  return {
    userId: 'somebody',
    scene: 'home',
    candidateIds: [],
    pageSize: 20,
    language: 'en',
    excludeProductIds: [],
    shopIds: [],
    categoryPrefix: '',
    ...facts,
  };
}

/** A whole app without a model, and short ways to tell and to ask it things. */
export interface Storefront {
  readonly app: App;
  readonly clock: SteppableClock;
  sells(...products: readonly RawProduct[]): Promise<void>;
  knows(...users: readonly RawUser[]): Promise<void>;
  /** Somebody does something with a product, `daysAgo` before the clock's time. */
  did(
    userId: string,
    type: BehaviourType,
    productId: string | undefined,
    more?: Partial<RawBehaviour> & { daysAgo?: number },
  ): Promise<void>;
  asks(userId: string, request?: Partial<RankRequest>): Promise<RankAnswer>;
  /** The product ids of the answer. */
  list(userId: string, request?: Partial<RankRequest>): Promise<string[]>;
}

const DAY_MS = 86_400_000;
let events = 0;

/**
 * For a test file: answers storefronts with nothing in them. They share one database, which each
 * empties for itself: starting PGlite takes seconds, a new schema milliseconds.
 */
export function storefronts(): () => Promise<Storefront> {
  let sql: Sql;
  beforeAll(async () => {
    sql = await openPglite('memory');
  });
  afterAll(async () => {
    await sql?.close();
  });
  return async () => {
    const truth = { ...(await emptyTruth(sql)), close: async () => {} };
    const clock = steppableClock(NOON_MS);
    const app = await createApp({ dataDir: 'memory', truth, maxCandidates: 2_000, clock, log: silent });
    onTestFinished(() => app.close());
    return storefrontOn(app, clock);
  };
}

export function storefrontOn(app: App, clock: SteppableClock): Storefront {
  const asks: Storefront['asks'] = (userId, request) =>
    app.useCases.rank(aRankRequest({ userId, ...request }));
  return {
    app,
    clock,
    asks,
    list: async (userId, request) => (await asks(userId, request)).items.map(({ productId }) => productId),
    async sells(...products) {
      accepted(await app.useCases.upsertProducts(products));
    },
    async knows(...users) {
      accepted(await app.useCases.upsertUsers(users));
    },
    async did(userId, type, productId, { daysAgo = 0, ...more } = {}) {
      events += 1;
      const occurredAtMs = clock.nowMs() - Math.round(daysAgo * DAY_MS);
      const event = { eventId: `did-${events}`, userId, type, productId, occurredAtMs, ...more };
      accepted((await app.useCases.track([event])).outcomes);
    },
  };
}

function accepted(outcomes: readonly { readonly status: string }[]): void {
  const refused = outcomes.find(({ status }) => status !== 'accepted');
  if (refused !== undefined) throw new Error(`refused: ${JSON.stringify(refused)}`);
}

/** The item of a product, which must be in the answer. */
export function itemOf(answer: RankAnswer, productId: string): RankedItem {
  const item = answer.items.find((candidate) => candidate.productId === productId);
  if (item === undefined) throw new Error(`${productId} is not in ${answer.items.map((i) => i.productId)}`);
  return item;
}

/** `count` products of a shop and category, called `prefix-0` and so on. */
export function shelf(prefix: string, count: number, facts: Partial<RawProduct> = {}): RawProduct[] {
  return Array.from({ length: count }, (_, i) => ({
    productId: `${prefix}-${i}`,
    shopId: `${prefix}-shop`,
    title: `${prefix} number ${i}`,
    categoryPath: ['goods', prefix],
    ...facts,
  }));
}
