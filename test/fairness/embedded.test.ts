import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { Exposure } from '../../src/fairness/exposure.js';
import { isHeldOut } from '../../src/fairness/holdOut.js';
import type { RankAnswer } from '../../src/ranking/rankRequest.js';
import { openPglite } from '../../src/stores/postgres/pglite.js';
import type { Sql } from '../../src/stores/postgres/sql.js';
import { tagrank } from '../cli/commandLine.js';
import { aRankRequest } from '../ranking/storefront.js';
import { serve } from '../server/serve.js';
import { steppableClock } from '../support/clock.js';
import { emptyTruth } from '../support/emptyTruth.js';
import { openFairApp, SHOPS, stock, TEST_POLICY, visit } from './fairShop.js';

let sql: Sql;
beforeAll(async () => {
  sql = await openPglite('memory');
});
afterAll(() => sql?.close());

const isOut = (userId: string) => isHeldOut(userId, TEST_POLICY.heldOutRatio);
const liftsOf = ({ items }: RankAnswer) => items.map(({ adjustments }) => adjustments.fairness ?? 1);

/** A shop in which the loop has found its boost. */
async function aSteeredShop(options: Parameters<typeof openFairApp>[2] = {}) {
  const clock = steppableClock();
  const truth = await emptyTruth(sql);
  const app = await openFairApp(truth, clock, options);
  await stock(app, clock);
  for (let round = 0; round < 5; round++) {
    await visit(app, clock, { users: 60, prefix: `round ${round}` });
    await app.fairness?.step();
  }
  return { clock, truth, app };
}

const stateOf = (app: App) => app.fairness?.inForce.state ?? expect.unreachable('there is no fairness');

describe('fairness in embedded mode', () => {
  it('R7: brings the tail to twice its share, for all but who is held out, within the budget of each page', async () => {
    const { clock, truth, app } = await aSteeredShop();
    const { steering, headShopIds } = stateOf(app);
    expect(headShopIds).toEqual(['shop-0', 'shop-1', 'shop-2']);
    expect(steering.boost).toBeGreaterThan(0);
    expect(steering.tailShareRatio).toBeGreaterThan(1.6 * steering.naturalShareRatio);
    expect(steering.tailShareRatio).toBeLessThan(steering.targetShareRatio + 0.01);

    const answers = await visit(app, clock, { users: 60, prefix: 'later' });
    const outs = answers.filter((_, user) => isOut(`later-${user}`));
    expect(outs.length).toBeGreaterThan(10);
    for (const answer of outs) expect(Math.max(...liftsOf(answer))).toBe(1);
    const ins = answers.filter((_, user) => !isOut(`later-${user}`));
    expect(ins.filter((answer) => Math.max(...liftsOf(answer)) > 1).length).toBeGreaterThan(ins.length / 2);

    const lists = await truth.servedListStore.after({ afterSeq: 0, sinceMs: 0, limit: 1_000 });
    expect(lists).toHaveLength(5 * 60 + 60);
    let displaced = 0;
    for (const { list } of lists) {
      const {
        isHeldOut: out,
        lostRatio,
        boostScale,
        unboostedShopIds,
      } = list.fairness ?? expect.unreachable();
      expect(out).toBe(isOut(list.userId));
      expect(lostRatio).toBeLessThanOrEqual(TEST_POLICY.pageBudgetRatio);
      if (out) expect([lostRatio, boostScale, unboostedShopIds]).toEqual([0, undefined, undefined]);
      if (unboostedShopIds !== undefined) displaced += 1;
    }
    expect(displaced).toBeGreaterThan(50);
  });

  it('R7: counts from the truth what was served: who starts later steers by the same, and at once', async () => {
    const { clock, truth, app } = await aSteeredShop();
    const before = stateOf(app);
    await app.close();
    const again = await openFairApp(truth, clock);
    // In force from the first page on, though exposure is still being read.
    expect(stateOf(again)).toEqual(before);
    clock.stepMs(60_000);
    await again.fairness?.step();
    const after = stateOf(again);
    expect(after.version).toBeGreaterThan(before.version);
    expect(after.steeredBy).not.toBe(before.steeredBy);
    expect(after.steering.tailShareRatio).toBeCloseTo(before.steering.tailShareRatio, 9);
    expect(after.steering.naturalShareRatio).toBeCloseTo(before.steering.naturalShareRatio, 9);
    expect(after.steering.integral).toBeCloseTo(before.steering.integral, 4);
  });

  it('R7: counts what was seen in place of what was served, from the first word on', async () => {
    const { clock, truth, app } = await aSteeredShop();
    const { address } = await serve(app.useCases);
    const lists = await truth.servedListStore.after({ afterSeq: 0, sinceMs: 0, limit: 1_000 });
    const expected = new Exposure(TEST_POLICY.exposureHalfLifeMs);
    for (const { list } of lists) {
      // Nobody scrolls past the second place.
      await app.useCases.recordImpressions({ rankId: list.rankId, positions: [1, 2] });
      const unboosted = list.fairness?.unboostedShopIds?.slice(0, 2);
      expected.add({ atMs: list.servedAtMs, items: list.items.slice(0, 2), unboostedShopIds: unboosted });
    }
    await app.fairness?.step();
    const head = new Set(stateOf(app).headShopIds);
    const shops = [...expected.shopsAt(clock.nowMs())];
    const sum = (of: typeof shops) => of.reduce((total, { served }) => total + served, 0);
    const tailShare = sum(shops.filter(({ shopId }) => !head.has(shopId))) / sum(shops);
    expect(stateOf(app).steering.tailShareRatio).toBeCloseTo(tailShare, 9);
    expect(stateOf(app).steering.pages).toBeCloseTo(expected.pagesAt(clock.nowMs()), 6);
    const { code, stdout } = await tagrank(['fairness', 'report', '--server', address]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lists {32,}\d+ +\d+$/m);
  });

  it('R7: reports what it did beside who sees none of it, from the truth', async () => {
    const { clock, app } = await aSteeredShop();
    const answers = await visit(app, clock, { users: 30, prefix: 'buyers' });
    await app.useCases.track(
      answers.flatMap(({ rankId, items }, user) =>
        items.slice(0, 3).map(({ productId, position }) => ({
          eventId: `${rankId} ${position}`,
          type: position === 1 ? ('purchase' as const) : ('browse' as const),
          userId: `buyers-${user}`,
          productId,
          rankId,
          position,
          occurredAtMs: clock.nowMs(),
        })),
      ),
    );
    const { boosted, heldOut, ...report } = await app.useCases.getFairness({ windowMs: 0 });
    expect(report).toMatchObject({ isEnabled: true, heldOutRatio: 0.33, pageBudgetRatio: 0.05 });
    expect(boosted.pages + heldOut.pages).toBe(330);
    const outs = answers.filter((_, user) => isOut(`buyers-${user}`)).length;
    expect([heldOut.orders, heldOut.clicks]).toEqual([outs, 2 * outs]);
    expect([boosted.orders, boosted.clicks]).toEqual([30 - outs, 2 * (30 - outs)]);
    expect(boosted.tailShareOfImpressions).toBeGreaterThan(1.5 * heldOut.tailShareOfImpressions);
    expect(boosted.gini).toBeLessThan(heldOut.gini);
    expect(boosted.coverage).toBeGreaterThan(4 / SHOPS);
    expect(boosted.tailExposureToMerit).toBeGreaterThan(heldOut.tailExposureToMerit);
    expect(boosted.lostRatio).toBeGreaterThan(0);
    expect(boosted.mostLostRatio).toBeLessThanOrEqual(0.05);
    expect([heldOut.boostedPages, heldOut.lostRatio]).toEqual([0, 0]);

    const { address } = await serve(app.useCases);
    const { code, stdout } = await tagrank(['fairness', 'report', '--server', address]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +boosted {2,}held out \(33\.0 %\)$/m);
    expect(stdout).toMatch(/^orders a list +0\.\d{4} +0\.\d{4}$/m);
    expect(stdout).toMatch(
      /^the tail gets \d+\.\d % of exposure, is to get \d+\.\d %, and alone would win \d+\.\d %$/m,
    );
    expect(stdout).toMatch(/^step \d+, at 2025-/m);
  });

  it('R7: tells what it added as a part of the score, in the answer and in Explain', async () => {
    const { app } = await aSteeredShop();
    const userIds = Array.from({ length: 40 }, (_, user) => `asks-${user}`).filter((id) => !isOut(id));
    let lifted = 0;
    for (const userId of userIds) {
      const { items } = await app.useCases.rank(aRankRequest({ userId }));
      for (const { productId, score, relevance, adjustments } of items.filter(
        (item) => (item.adjustments.fairness ?? 1) > 1,
      )) {
        lifted += 1;
        const parts = Object.values(adjustments).map(Math.log);
        expect(parts.reduce((sum, part) => sum + part, Math.log(relevance / (1 - relevance)))).toBeCloseTo(
          score,
          4,
        );
        const explained = await app.useCases.explain({ userId, productId, language: 'en' });
        expect(explained.score).toBeCloseTo(score, 4);
        const part = explained.contributions.find(({ name }) => name === 'fairness');
        expect(part).toMatchObject({
          kind: 'boost',
          value: expect.closeTo(adjustments.fairness as number, 4),
        });
      }
    }
    expect(lifted).toBeGreaterThan(10);
  });

  it('R7, R6: lifts nothing that is badly rated', async () => {
    const { clock, app } = await aSteeredShop({
      fairness: { ...TEST_POLICY, heldOutRatio: 0, qualityGate: 0.99 },
    });
    expect(stateOf(app).steering.naturalShareRatio).toBeGreaterThan(0);
    const answers = await visit(app, clock, { users: 20, prefix: 'later' });
    for (const answer of answers) expect(Math.max(...liftsOf(answer))).toBe(1);
  });

  it('R7: lifts a new shop until it had what it is owed', async () => {
    const { clock, app } = await aSteeredShop({
      fairness: { ...TEST_POLICY, heldOutRatio: 0, relevanceFloorRatio: 0, pageBudgetRatio: 0.2 },
    });
    await app.useCases.upsertShops([{ shopId: 'new', name: 'New', createdAtMs: clock.nowMs() - 1_000 }]);
    await app.useCases.upsertProducts([
      { productId: 'new-0', shopId: 'new', title: 'thing', categoryPath: ['things', 'kind 0'] },
    ]);
    await app.fairness?.step();
    expect(stateOf(app).newShopLifts).toEqual({ new: TEST_POLICY.newShops.mostBoost });
    // Asked for by name, so that it is a candidate among strong ones.
    const candidateIds = ['new-0', ...Array.from({ length: SHOPS }, (_, shop) => `shop-${shop}-0`)];
    const ask = async (userId: string) =>
      app.useCases.rank(aRankRequest({ userId, candidateIds, pageSize: 21 }));
    const lift = async (userId: string) =>
      (await ask(userId)).items.find(({ productId }) => productId === 'new-0')?.adjustments.fairness ?? 1;
    const first = await lift('one');
    expect(first).toBeGreaterThan(Math.exp(0.99 * TEST_POLICY.newShops.mostBoost));
    for (let user = 0; user < 120; user++) await ask(`more-${user}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await app.fairness?.step();
    const owed = stateOf(app).newShopLifts.new ?? 0;
    expect(owed).toBeLessThan(0.7 * TEST_POLICY.newShops.mostBoost);
    expect(await lift('last')).toBeLessThan(first);
  });

  it('R7: boosts nothing where the policy turns it off, and counts all the same', async () => {
    const { app } = await aSteeredShop({ fairness: { ...TEST_POLICY, isEnabled: false } });
    const { steering } = stateOf(app);
    expect(steering.tailShareRatio).toBeCloseTo(steering.naturalShareRatio, 9);
    expect(steering.pages).toBeGreaterThan(200);
    const { isEnabled, boosted } = await app.useCases.getFairness({ windowMs: 0 });
    expect([isEnabled, boosted.boostedPages, boosted.lostRatio]).toEqual([false, 0, 0]);
  });
});
