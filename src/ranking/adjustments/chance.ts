import { utcDay } from '../../behaviour/counting.js';
import { hashText, seededRandom } from '../../core/random.js';
import type { Adjustment } from './adjustment.js';

/** How far chance may move a newcomer's candidates: a standard deviation of about a twentieth. */
const SPREAD = 0.04;
const [LEAST, MOST] = [0.9, 1.2];

/**
 * A newcomer gets what people like them choose **by probability** (R4): a Gumbel draw on the
 * logarithm of the score makes sorting the same as drawing one after another in proportion to
 * `score^(1/SPREAD)` (Gumbel-max trick; Kool et al., ICML 2019). What is about equally likely to be
 * chosen changes places from person to person, what is clearly better stays ahead. The draw is one
 * per person, product and day: the same newcomer sees the same all day, whatever others do. 1 for
 * everybody who did anything.
 */
export const chance: Adjustment = {
  name: 'chance',
  oddsFactor({ query, candidates }, place) {
    if (!query.isCold) return 1;
    const productId = query.state.catalog.products.idOf(candidates.ordinals[place] as number);
    const seed = hashText(`${query.request.userId}\n${utcDay(query.nowMs)}\n${productId}`);
    const gumbel = -Math.log(-Math.log(seededRandom(seed)() || Number.MIN_VALUE));
    return Math.max(LEAST, Math.min(MOST, Math.exp(SPREAD * gumbel)));
  },
};
