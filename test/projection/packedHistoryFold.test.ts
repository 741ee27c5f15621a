import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { extractQueryTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { type FoldRules, foldHistory } from '../../src/projection/foldHistory.js';
import { HISTORY_KEPT, keptHistory } from '../../src/projection/keptHistory.js';
import { packHistory, quantisePercentile } from '../../src/projection/packedHistory.js';
import { applyToUser, emptyUserState, type UserState } from '../../src/tags/userState.js';
import { longTermVector, shortTermVector } from '../../src/tags/userVectors.js';
import { HISTORY_END_MS, historyCatalog, someHistory, someHistoryTwice } from '../behaviour/histories.js';
import { aBehaviour, aContext, NOON_MS } from '../support/builders.js';
import { expectSameReadings, type Readings } from '../support/readings.js';

const segmenter = createTitleSegmenter();
const catalog = historyCatalog();
const shops: Readonly<Record<string, string>> = { linen: 'clothes', silk: 'clothes', kettle: 'kitchen' };
const rules: FoldRules = {
  weights: STARTING_WEIGHTS,
  facts: {
    productFacts: (productId, revision) => catalog.productFacts(productId, revision),
    queryTags: (query) => extractQueryTags(query, segmenter),
  },
  shopOf: (productId) => shops[productId],
};

const packed = (history: readonly LoggedBehaviour[]) => packHistory(history, rules.shopOf);

/** The log's rows as they are logged: prices by their quantised percentile. */
const asLogged = (history: readonly LoggedBehaviour[]): LoggedBehaviour[] =>
  history.map(({ context, ...logged }) => ({
    ...logged,
    context: {
      ...context,
      ...(context.pricePercentile !== undefined && {
        pricePercentile: quantisePercentile(context.pricePercentile),
      }),
    },
  }));

function vectorsOf(state: UserState): Readings {
  const reading = { nowMs: HISTORY_END_MS, weights: rules.weights, idf: () => 1 };
  return new Map([
    ...[...longTermVector(state, reading)].map(([tag, weight]) => [`taste ${tag}`, weight] as const),
    ...[...shortTermVector(state, reading)].map(([tag, weight]) => [`intent ${tag}`, weight] as const),
  ]);
}

describe('a state folded from packed behaviours', () => {
  it('T6: has the vectors that the log’s rows leave, as far as rounding in another order goes', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const state = emptyUserState('ann');
        for (const logged of asLogged(history)) applyToUser(state, logged, rules);
        expectSameReadings(vectorsOf(foldHistory('ann', [packed(history)], rules)), vectorsOf(state));
      }),
    );
  });

  it('is equal to the bit for equal sets of behaviours, in whatever order they arrived', () => {
    fc.assert(
      fc.property(someHistoryTwice, ([history, shuffled]) => {
        const [a, b] = [history, shuffled].map((order) => foldHistory('ann', [packed(order)], rules));
        expect(b).toEqual(a);
      }),
    );
  });

  it('T7: of several ids is that of the person who did all of it under one', () => {
    fc.assert(
      fc.property(someHistory, fc.infiniteStream(fc.nat(2)), (history, ids) => {
        const parts: LoggedBehaviour[][] = [[], [], []];
        for (const logged of history) parts[ids.next().value as number]?.push(logged);
        const joined = foldHistory('ann', parts.map(packed), rules);
        expect(joined).toEqual(foldHistory('ann', [packed(history)], rules));
      }),
    );
  });

  it('of nothing is a person of whom nothing is known', () => {
    expect(foldHistory('ann', [], rules)).toEqual(emptyUserState('ann'));
    expect(foldHistory('ann', [new Uint8Array(0)], rules)).toEqual(emptyUserState('ann'));
  });

  it('counts the newest behaviours alone, whether or not the older ones were cut away', () => {
    const history = Array.from({ length: HISTORY_KEPT + 300 }, (_, i) => ({
      behaviour: aBehaviour({ productId: `p${i % 40}`, occurredAtMs: NOON_MS + i * 60_000 }),
      context: aContext(),
      seq: i + 1,
    }));
    const [older, newer] = [packed(history.slice(0, 300)), packed(history.slice(300))];
    const whole = foldHistory('ann', [Buffer.concat([older, newer])], rules);
    expect(whole).toEqual(foldHistory('ann', [newer], rules));
    expect(whole).toEqual(foldHistory('ann', [keptHistory(Buffer.concat([newer, older]))], rules));
    expect(whole.products.get('p0')?.firstAtMs).toBeGreaterThan(NOON_MS + 299 * 60_000);
  });
});
