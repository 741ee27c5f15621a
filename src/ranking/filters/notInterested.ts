import type { Filter } from './filter.js';

/** Hidden once the person said so, until a later act of theirs says otherwise. */
export const notInterested: Filter = {
  name: 'not_interested',
  keeps(query, ordinal) {
    const own = query.products.get(ordinal);
    const said = own?.history.byType.get('not_interested');
    return said === undefined || (own?.history.lastAtMs ?? 0) > said.lastAtMs;
  },
};
