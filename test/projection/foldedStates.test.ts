import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { FoldedStates } from '../../src/projection/foldedStates.js';
import { packHistory } from '../../src/projection/packedHistory.js';
import { aBehaviourToLog } from '../support/builders.js';

const bought = packHistory(
  [aBehaviourToLog({ type: 'purchase', productId: '17' }, { productRevision: 2 })],
  () => undefined,
);
const browsed = packHistory([aBehaviourToLog({ productId: '18' })], () => undefined);

/** Folded states over a catalogue that learns of revision 2 of product 17 when it catches up. */
function overLateCatalogue({ isThere = false } = {}) {
  const catalogue = { isThere, catchUps: 0, folds: 0 };
  const states = new FoldedStates({
    rules: {
      weights: STARTING_WEIGHTS,
      facts: {
        productFacts: (productId) => {
          catalogue.folds += 1;
          const isKnown = productId === '17' && catalogue.isThere;
          const tag = { tag: 'category:tea', field: 'category', weight: 1 } as const;
          return { tags: isKnown ? [tag] : [], leafCategory: undefined };
        },
        queryTags: () => [],
      },
      shopOf: () => undefined,
    },
    revisions: {
      isKnown: () => catalogue.isThere,
      catchUp: async () => {
        catalogue.catchUps += 1;
        catalogue.isThere = true;
      },
    },
  });
  return { states, catalogue };
}

describe('folded states', () => {
  it('are folded once for the same bytes, and anew for others', async () => {
    const { states, catalogue } = overLateCatalogue({ isThere: true });
    const first = await states.stateOf('ann', [bought]);
    const { folds } = catalogue;
    expect(await states.stateOf('ann', [Buffer.from(bought)])).toBe(first);
    expect(catalogue.folds).toBe(folds);
    const more = await states.stateOf('ann', [bought, browsed]);
    expect(more).not.toBe(first);
    expect([...(more?.products.keys() ?? [])].sort()).toEqual(['17', '18']);
    expect(await states.stateOf('bo', [])).toBeUndefined();
  });

  it('wait for a catalogue that has not heard of a product yet, so that its tags are not missing', async () => {
    const { states, catalogue } = overLateCatalogue();
    const state = await states.stateOf('ann', [bought]);
    expect(catalogue.catchUps).toBe(1);
    expect([...(state?.longTerm.keys() ?? [])]).toEqual(['category:tea']);
    await states.stateOf('ann', [bought]);
    expect(catalogue.catchUps).toBe(1);
  });

  it('ask for no catalogue over a behaviour on a product that nobody had described', async () => {
    const { states, catalogue } = overLateCatalogue();
    await states.stateOf('ann', [browsed]);
    expect(catalogue.catchUps).toBe(0);
  });
});
