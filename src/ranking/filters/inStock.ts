import type { Filter } from './filter.js';

export const inStock: Filter = {
  name: 'out_of_stock',
  keeps: (query, ordinal) => query.state.catalog.inStockAt(ordinal),
};
