import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionWeight } from '../../src/fairness/positionWeight.js';
import { aRankRequest, itemOf, shelf, storefronts } from './storefront.js';

const aStorefront = storefronts();

/** Pans of ten shops about equally liked, some of which pay. */
async function anAuction(bids: readonly number[]) {
  const shop = await aStorefront();
  await shop.sells(
    ...(bids.map((bid, i) => ({
      ...shelf(`pan${i}`, 1, { bid, priceMinor: 1_000 + 100 * i, currency: 'CNY' })[0],
    })) as never[]),
  );
  for (let i = 0; i < bids.length; i++) {
    for (let fan = 0; fan <= i % 4; fan++)
      await shop.did(`fan-${fan}`, 'browse', `pan${i}-0`, { daysAgo: 1 });
  }
  return shop;
}

describe('what a slot was used for', () => {
  it('R11: is relevance, at no loss, where nobody pays', async () => {
    const shop = await anAuction([0, 0, 0, 0]);
    const { items } = await shop.asks('ann');
    expect(items).toHaveLength(4);
    for (const { slotFacts } of items) {
      expect(slotFacts).toEqual({
        chosenFor: 'relevance',
        clickLoss: 0,
        likeLoss: 0,
        negativeFeedbackGain: 0,
        purchaseLoss: 0,
        valueLossMinor: 0,
      });
    }
  });

  it('R11: is the bid where it lifted a product past another, and tells whom it displaced', async () => {
    const shop = await aStorefront();
    await shop.sells(...shelf('plain', 1), ...shelf('paid', 1, { bid: 1 }), ...shelf('other', 1));
    // Chance deals to newcomers alone.
    await shop.did('ann', 'browse', 'other-0', { daysAgo: 30 });
    const ask = { candidateIds: ['plain-0', 'paid-0'] };
    const even = await shop.asks('ann', ask);
    expect(itemOf(even, 'paid-0')).toMatchObject({
      position: 1,
      slotFacts: { chosenFor: 'bid', displacedProductId: 'plain-0', clickLoss: 0 },
    });
    expect(itemOf(even, 'plain-0').slotFacts).toMatchObject({
      chosenFor: 'relevance',
      displacedProductId: 'paid-0',
    });
    // A paid place among better ones is told what it costs; the highest bid with poor relevance has none.
    for (let i = 0; i < 5; i++) await shop.did(`fan-${i}`, 'favourite', 'plain-0', { daysAgo: 1 });
    const uneven = await shop.asks('ann', ask);
    expect(itemOf(uneven, 'plain-0')).toMatchObject({ position: 1, slotFacts: { chosenFor: 'relevance' } });
    expect(itemOf(uneven, 'paid-0').slotFacts.displacedProductId).toBeUndefined();
  });

  it('R11: property: over a page, losses add up to what it gives up against the page without bids', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(0, 0, 0.3, 1), { minLength: 6, maxLength: 12 }),
        fc.integer({ min: 1, max: 6 }),
        async (bids, pageSize) => {
          const paid = await anAuction(bids);
          const free = await anAuction(bids.map(() => 0));
          const request = aRankRequest({ userId: 'fan-0', pageSize });
          const expectedClicks = (items: readonly { relevance: number }[]) =>
            items.reduce((sum, { relevance }, i) => sum + relevance * positionWeight(i + 1), 0);
          const { items } = await paid.asks('fan-0', request);
          const without = (await free.asks('fan-0', request)).items;
          const told = items.reduce((sum, { slotFacts }) => sum + slotFacts.clickLoss, 0);
          expect(told).toBeCloseTo(expectedClicks(without) - expectedClicks(items), 6);
          for (const [i, { productId, slotFacts }] of items.entries()) {
            expect(slotFacts.displacedProductId ?? productId).toBe(without[i]?.productId);
            if (slotFacts.chosenFor === 'bid')
              expect(itemOf({ items } as never, productId).adjustments.bid).toBeGreaterThan(1);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
