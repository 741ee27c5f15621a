import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import type { Model } from '../../src/inference/model.js';
import type { RankExperiment } from '../../src/ranking/experiment.js';
import { FEATURES } from '../../src/ranking/features/index.js';
import { SOURCES } from '../../src/ranking/sources/index.js';
import { NO_OVERRIDES } from '../../src/tags/overrideIndex.js';
import { rankOf } from '../support/rankOf.js';
import { readsOf } from '../support/reads.js';
import { aRankRequest, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

/** A shop whose `ann` has a history that every source can propose from, and a model that keeps what it is given. */
async function aWatchedShop() {
  const shop = await aStorefront();
  await shop.sells(...shelf('tea', 8), ...shelf('tool', 8));
  for (const user of ['ann', 'bo', 'cy']) {
    await shop.did(user, 'purchase', 'tea-0', { daysAgo: 3 });
    await shop.did(user, 'favourite', 'tea-1', { daysAgo: 2 });
  }
  await shop.did('bo', 'purchase', 'tea-2', { daysAgo: 1 });
  let seen: Float32Array = new Float32Array(0);
  const model: Model = {
    version: 'test-1',
    featureCount: FEATURES.length,
    score: async (matrix, rows) => {
      seen = matrix;
      return new Float32Array(rows);
    },
    close: async () => {},
  };
  let experiment: RankExperiment = {};
  const rank = rankOf({
    overrides: NO_OVERRIDES,
    reads: readsOf(shop.app.people),
    state: shop.app.state,
    model: () => model,
    weights: STARTING_WEIGHTS,
    clock: shop.clock,
    maxCandidates: 2_000,
    onDegraded: () => {},
    experiment: () => experiment,
  });
  return async (next: RankExperiment) => {
    experiment = next;
    const answer = await rank(aRankRequest({ userId: 'ann' }));
    return { answer, matrix: seen };
  };
}

describe('ranking with a part missing', () => {
  it('does not ask the source that is left out, and asks all others', async () => {
    const ask = await aWatchedShop();
    const sources = async (of: RankExperiment) =>
      new Set((await ask(of)).answer.items.flatMap((item) => item.sources));
    const whole = await sources({});
    expect(whole.size).toBeGreaterThan(3);
    for (const { name } of SOURCES) {
      expect(await sources({ withoutSource: name })).toEqual(
        new Set([...whole].filter((source) => source !== name)),
      );
    }
  });

  it('gives the model defaults for the features that are left out, and leaves the others', async () => {
    const ask = await aWatchedShop();
    const whole = (await ask({})).matrix;
    let changed = 0;
    for (const need of new Set(FEATURES.map((feature) => feature.needs))) {
      const { matrix } = await ask({ withoutNeed: need });
      const expected = whole.map((value, at) => {
        const feature = FEATURES[at % FEATURES.length] as (typeof FEATURES)[number];
        return feature.needs === need ? feature.default : value;
      });
      expect(matrix).toEqual(expected);
      if (!matrix.every((value, at) => value === whole[at])) changed++;
    }
    expect(changed).toBeGreaterThan(4);
  });

  it('shows its lists to nobody: asking again gives the same, with no fatigue', async () => {
    const ask = await aWatchedShop();
    const scores = async () => (await ask({})).answer.items.map(({ productId, score }) => [productId, score]);
    const first = await scores();
    for (let again = 0; again < 10; again++) expect(await scores()).toEqual(first);
  });
});
