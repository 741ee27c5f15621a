import type { Popularity } from '../popularityBoards.js';
import type { Source } from './source.js';

const BOARDS: readonly Popularity[] = [0, 1, 2, 3, 'all_time'];
const PRODUCTS_PER_BOARD = 80;

/** What everybody chooses: of the day, the week, the month, the quarter and all time (R4). */
export const popular: Source = {
  name: 'popular',
  propose(query, boards) {
    const proposed = new Set<number>();
    for (const popularity of BOARDS) {
      const board = boards.ofAll(popularity, query.nowMs);
      for (const ordinal of board.ordinals.slice(0, PRODUCTS_PER_BOARD)) proposed.add(ordinal);
    }
    return [...proposed];
  },
};
