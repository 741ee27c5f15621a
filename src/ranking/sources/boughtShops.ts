import { largest, type Source } from './source.js';

/** Shops looked at for their products, and products taken of each. */
const SHOPS = 6;
const PRODUCTS_PER_SHOP = 30;

/** The best of the shops that the person bought from or cares for (R1). */
export const boughtShops: Source = {
  name: 'bought_shops',
  propose(query, boards) {
    const { catalog } = query.state;
    const affinities = new Map<number, number>();
    for (const [shop, own] of query.shops) {
      const bought = own.history.purchaseDays.length > 0 ? 1 : 0;
      if (bought + own.affinity > 0) affinities.set(shop, bought + own.affinity);
    }
    const proposed: number[] = [];
    for (const shop of largest(affinities, SHOPS)) {
      const members = catalog.productsOfShop(shop);
      const board = boards.of(`shop:${shop}`, { members, popularity: 2, nowMs: query.nowMs });
      proposed.push(...board.ordinals.slice(0, PRODUCTS_PER_SHOP));
    }
    return proposed;
  },
};
