import { expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { createCatalogIndex } from '../../../src/catalog/catalogIndex.js';
import { DAY_MS } from '../../../src/core/time.js';
import { MemoryOnlineState } from '../../../src/stores/memory/memoryOnlineState.js';
import { aLogged } from '../../behaviour/builders.js';
import { aProduct, NOON_MS } from '../../support/builders.js';

function aState(): MemoryOnlineState {
  return new MemoryOnlineState({
    catalog: createCatalogIndex(),
    weights: STARTING_WEIGHTS,
    queryTags: () => [],
  });
}

const bought = (days: readonly number[]) =>
  days.map((day) => aLogged({ type: 'purchase', productId: 'powder', occurredAtMs: NOON_MS + day * DAY_MS }));
const describeAs = (state: MemoryOnlineState, leaf: string, revision: number) =>
  state.catalog.upsertProduct(
    { product: aProduct({ productId: 'powder', categoryPath: ['grocery', leaf] }), revision },
    [],
  );

it('R8: a product described after it was bought has the outlook that a restart would give it', async () => {
  const live = aState();
  await live.apply(bought([0, 30]));
  describeAs(live, 'milk', 1);
  // Between the two: their interval of 30 days becomes two of 10 and 20.
  await live.apply(bought([10]));

  const restarted = aState();
  describeAs(restarted, 'milk', 1);
  await restarted.apply(bought([0, 30]));
  await restarted.apply(bought([10]));
  const ordinal = live.catalog.products.of('powder');
  expect(live.repeatOutlook(ordinal)).toEqual(
    restarted.repeatOutlook(restarted.catalog.products.of('powder')),
  );
});

it('R8: a product that moves to another category takes its repurchases along', async () => {
  const live = aState();
  describeAs(live, 'misc', 1);
  await live.apply(bought([0, 28, 56]));
  describeAs(live, 'milk', 2);
  const neighbour = live.catalog.upsertProduct(
    { product: aProduct({ productId: 'other', categoryPath: ['grocery', 'milk'] }), revision: 1 },
    [],
  );
  await live.apply(bought([84]));
  const left = live.catalog.upsertProduct(
    { product: aProduct({ productId: 'left', categoryPath: ['grocery', 'misc'] }), revision: 1 },
    [],
  );
  expect(live.repeatOutlook(neighbour).repeatShareRatio).toBeGreaterThan(
    live.repeatOutlook(left).repeatShareRatio,
  );
  expect(live.repeatOutlook(neighbour).repeatShareRatio).toBeLessThanOrEqual(1);
});
