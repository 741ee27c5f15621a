import { onTestFinished } from 'vitest';
import { type App, type AppOptions, createApp } from '../../src/app.js';
import { DEFAULT_FAIRNESS_POLICY, type FairnessPolicy } from '../../src/fairness/fairnessPolicy.js';
import type { RankAnswer } from '../../src/ranking/rankRequest.js';
import type { Truth } from '../../src/stores/postgres/openTruth.js';
import { aRankRequest } from '../ranking/storefront.js';
import type { SteppableClock } from '../support/clock.js';

export const SHOPS = 20;

/** Few lists are enough, nobody is new, and a third of users is held out. */
export const TEST_POLICY: FairnessPolicy = {
  ...DEFAULT_FAIRNESS_POLICY,
  lowTrafficPages: 20,
  pageBudgetRatio: 0.05,
  heldOutRatio: 0.33,
};

/** An app with fairness on a truth that outlives it; closed with the test. */
export async function openFairApp(
  truth: Truth,
  clock: SteppableClock,
  options: Partial<AppOptions> = {},
): Promise<App> {
  const app = await createApp({
    dataDir: 'memory',
    truth: { ...truth, close: async () => {} },
    maxCandidates: 2_000,
    clock,
    fairness: TEST_POLICY,
    log: { info() {}, warn() {} },
    ...options,
  });
  onTestFinished(() => app.close());
  return app;
}

/** Twenty shops with four products each; the first are bought most. */
export async function stock(app: App, clock: SteppableClock): Promise<void> {
  const shops = Array.from({ length: SHOPS }, (_, shop) => ({
    shopId: `shop-${shop}`,
    name: `Shop ${shop}`,
  }));
  await app.useCases.upsertShops(shops);
  await app.useCases.upsertProducts(
    shops.flatMap(({ shopId }) =>
      [0, 1, 2, 3].map((i) => ({
        productId: `${shopId}-${i}`,
        shopId,
        title: `thing ${i}`,
        categoryPath: ['things', `kind ${i}`],
      })),
    ),
  );
  const orders = shops.flatMap(({ shopId }, shop) =>
    Array.from({ length: Math.ceil(40 / (1 + shop)) }, (_, n) => ({
      eventId: `${shopId} ${n}`,
      type: 'purchase' as const,
      userId: `buyer-${shop}-${n}`,
      productId: `${shopId}-${n % 4}`,
      occurredAtMs: clock.nowMs() - 1_000,
    })),
  );
  await app.useCases.track(orders);
}

/** Asks for pages of ten for so many new users, a minute apart, and waits until the truth has them. */
export async function visit(
  app: App,
  clock: SteppableClock,
  { users, prefix }: { users: number; prefix: string },
): Promise<RankAnswer[]> {
  const answers: RankAnswer[] = [];
  for (let user = 0; user < users; user++) {
    clock.stepMs(60_000);
    answers.push(await app.useCases.rank(aRankRequest({ userId: `${prefix}-${user}`, pageSize: 10 })));
  }
  const last = answers.at(-1)?.rankId ?? '';
  while ((await app.truth.servedListStore.get(last)) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return answers;
}
