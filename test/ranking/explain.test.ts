import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { seededRandom } from '../../src/core/random.js';
import { DAY_MS } from '../../src/core/time.js';
import type { Model } from '../../src/inference/model.js';
import { createExplain, type ScoreExplanation } from '../../src/ranking/explain.js';
import { featureContributions } from '../../src/ranking/featureContributions.js';
import { FEATURES } from '../../src/ranking/features/index.js';
import { createPageRanking } from '../../src/ranking/pageRanking.js';
import { createRank } from '../../src/ranking/rank.js';
import { ServedMemory } from '../../src/ranking/servedMemory.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { NO_OVERRIDES } from '../../src/tags/overrideIndex.js';
import {
  HISTORY_END_MS,
  HISTORY_PRODUCTS,
  HISTORY_USERS,
  historyCatalog,
  someHistory,
} from '../behaviour/histories.js';
import { fixedClock } from '../support/clock.js';
import { peopleOf, readsOf } from '../support/reads.js';
import { aRankRequest, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

/** Weighs features in pairs, so that no feature's part is its own affair. */
const tangled: Model = {
  version: 'tangled-1',
  featureCount: FEATURES.length,
  fittedTo: ['purchase'],
  score: async (matrix, rows) =>
    Float32Array.from({ length: rows }, (_, row) => {
      let score = -1;
      for (let column = 0; column < FEATURES.length; column++) {
        const value = matrix[row * FEATURES.length + column] as number;
        const next = matrix[row * FEATURES.length + ((column + 1) % FEATURES.length)] as number;
        score += 0.1 * Math.tanh(value) * (1 + Math.tanh(next)) - (value > 0.5 && next > 0.5 ? 0.2 : 0);
      }
      return score;
    }),
  close: async () => {},
};

function sumOf({ contributions }: ScoreExplanation): number {
  return contributions.reduce((sum, { contribution }) => sum + contribution, 0);
}

describe('an explained score', () => {
  it.each([tangled, undefined])(
    'R5: property: its parts add up to what Rank answers, to a millionth (model %#)',
    async (model) => {
      const catalog = historyCatalog();
      let told = 0;
      await fc.assert(
        fc.asyncProperty(someHistory, async (history) => {
          const state = new MemoryOnlineState({ catalog, weights: STARTING_WEIGHTS, queryTags: () => [] });
          await state.apply(history);
          const served = new ServedMemory();
          const rankPage = createPageRanking({
            reads: readsOf(peopleOf(state)),
            state,
            overrides: NO_OVERRIDES,
            model: () => model,
            weights: STARTING_WEIGHTS,
            clock: fixedClock(HISTORY_END_MS),
            served,
            onDegraded: (_, cause) => {
              throw cause;
            },
          });
          const rank = createRank({ rankPage, served: { remember: () => {} }, maxCandidates: 100 });
          const explain = createExplain({ rankPage, state });
          for (const userId of HISTORY_USERS) {
            const { items } = await rank(aRankRequest({ userId }));
            for (const productId of HISTORY_PRODUCTS) {
              if (productId === 'unheard-of') continue;
              const explained = await explain({ userId, productId, language: 'en' });
              expect(Math.abs(sumOf(explained) - explained.score)).toBeLessThan(1e-6);
              const shown = items.find((item) => item.productId === productId);
              expect(explained.position).toBe(shown?.position);
              expect(explained.droppedBy === undefined).toBe(shown !== undefined);
              if (shown === undefined) continue;
              told += 1;
              expect(Math.abs(explained.score - shown.score)).toBeLessThan(1e-6);
              expect(explained.relevance).toBe(shown.relevance);
              expect(explained.reasons).toEqual(shown.reasons);
              for (const { kind, name, value, contribution } of explained.contributions) {
                if (kind === 'base' || kind === 'feature') continue;
                expect(value).toBeCloseTo(shown.adjustments[name] as number, 9);
                expect(contribution > 0 ? 'boost' : 'penalty').toBe(kind);
              }
            }
          }
        }),
        { numRuns: 150 },
      );
      expect(told).toBeGreaterThan(300);
    },
  );

  it('R2: what a person put into the cart shows as what lifts it', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('pan', 3));
    await shop.did('ann', 'add_to_cart', 'pan-1');
    const { contributions, position } = await shop.app.useCases.explain({
      userId: 'ann',
      productId: 'pan-1',
      language: 'en',
    });
    const partOf = (name: string) => contributions.find((each) => each.name === name);
    expect(position).toBe(1);
    expect(partOf('own_in_cart')).toMatchObject({
      kind: 'feature',
      value: 1,
      contribution: expect.closeTo(0.8, 5),
    });
    expect(partOf('unknown')?.kind).toBe('base');
    expect(contributions.map(({ contribution }) => Math.abs(contribution))).toEqual(
      contributions.map(({ contribution }) => Math.abs(contribution)).sort((a, b) => b - a),
    );
  });

  it('R8: tells which filter keeps a product off every page, and the score that it would have', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('sofa', 2));
    for (let i = 0; i < 40; i++) await shop.did(`family-${i}`, 'purchase', 'sofa-0', { daysAgo: 100 + i });
    await shop.did('ann', 'purchase', 'sofa-0', { daysAgo: 5 });
    const explained = await shop.app.useCases.explain({ userId: 'ann', productId: 'sofa-0', language: 'en' });
    expect(explained).toMatchObject({ droppedBy: 'already_ordered', position: undefined });
    expect(sumOf(explained)).toBeCloseTo(explained.score, 9);
  });

  it('leaves no trace: it is not served, and tires nobody', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('pan', 1));
    await shop.did('fan', 'browse', 'pan-0', { daysAgo: 1 });
    for (let i = 0; i < 20; i++) {
      await shop.app.useCases.explain({ userId: 'ann', productId: 'pan-0', language: 'en' });
    }
    expect((await shop.asks('ann')).items[0]?.adjustments.fatigue).toBe(1);
  });

  it('explains a product that no source proposes, and says that none does', async () => {
    const shop = await aStorefront();
    const old = { createdAtMs: shop.clock.nowMs() - 1_000 * DAY_MS };
    await shop.sells(...shelf('dusty', 1, old), ...shelf('fresh', 300));
    for (let i = 0; i < 300; i++) await shop.did('fan', 'browse', `fresh-${i}`, { daysAgo: 1 });
    const { sources, score } = await shop.app.useCases.explain({
      userId: 'ann',
      productId: 'dusty-0',
      language: 'en',
    });
    expect(sources).toEqual([]);
    expect(Number.isFinite(score)).toBe(true);
  });

  it('refuses ids that are none, and a product that there is not', async () => {
    const { app } = await aStorefront();
    await expect(app.useCases.explain({ userId: '', productId: '', language: 'en' })).rejects.toThrow(
      /^user_id: .*; product_id: /,
    );
    await expect(app.useCases.explain({ userId: 'ann', productId: 'none', language: 'en' })).rejects.toThrow(
      'there is no product "none"',
    );
  });
});

describe('what features contribute', () => {
  const unknown = new Float32Array(6);
  const random = seededRandom(7);
  const row = Float32Array.from({ length: 6 }, () => 4 * random() - 2);
  const partsBy = (score: (row: Float32Array) => number) =>
    featureContributions({
      row,
      unknown,
      seed: 1,
      scoreRows: async (matrix, rows) =>
        Float32Array.from({ length: rows }, (_, i) => score(matrix.subarray(i * 6, (i + 1) * 6))),
    });

  it('is weight times value where the scorer is a weighted sum', async () => {
    const weights = [3, -1, 0, 0.5, 2, -4];
    const { base, parts } = await partsBy((told) =>
      weights.reduce((sum, weight, i) => sum + weight * (told[i] as number), 7),
    );
    expect(base).toBe(7);
    for (const [i, weight] of weights.entries()) expect(parts[i]).toBeCloseTo(weight * (row[i] as number), 4);
  });

  it('shares evenly between two that only say something together, and gives none to the rest', async () => {
    const { parts } = await partsBy((told) => ((told[0] as number) * (told[5] as number) !== 0 ? 1 : 0));
    expect(parts[0]).toBe(0.5);
    expect(parts[5]).toBe(0.5);
    expect([...parts.slice(1, 5)]).toEqual([0, 0, 0, 0]);
  });
});
