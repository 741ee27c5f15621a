import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation, textViolation } from '../core/ids.js';
import type { RankRequest } from './rankRequest.js';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 500;
/** Most product ids to leave out, and most shops to keep to. */
export const MAX_EXCLUDED = 5_000;
export const MAX_SHOPS = 100;

/** Throws naming everything wrong with a request; otherwise returns it. */
export function validateRankRequest(request: RankRequest, maxCandidates: number): RankRequest {
  const violations: Violation[] = [];
  const note = (violation: Violation | undefined) => violation && violations.push(violation);
  note(idViolation('user_id', request.userId));
  note(textViolation('scene', request.scene, 64));
  note(textViolation('category_prefix', request.categoryPrefix, 512));
  noteIds('candidate_ids', request.candidateIds, maxCandidates, violations);
  noteIds('exclude_product_ids', request.excludeProductIds, MAX_EXCLUDED, violations);
  noteIds('shop_ids', request.shopIds, MAX_SHOPS, violations);
  if (request.contextProductId !== undefined)
    note(idViolation('context_product_id', request.contextProductId));
  if (!Number.isInteger(request.pageSize) || request.pageSize < 1 || request.pageSize > MAX_PAGE_SIZE) {
    violations.push({ field: 'page_size', rule: `must be a whole number from 1 to ${MAX_PAGE_SIZE}` });
  }
  notePrice('min_price_minor', request.minPriceMinor, violations);
  notePrice('max_price_minor', request.maxPriceMinor, violations);
  if ((request.minPriceMinor ?? 0) > (request.maxPriceMinor ?? Number.POSITIVE_INFINITY)) {
    violations.push({ field: 'min_price_minor', rule: 'must not be above max_price_minor' });
  }
  if (violations.length > 0) throw new InvalidInputError(violations);
  return request;
}

/** A list that is too long is not read any further. */
function noteIds(field: string, ids: readonly string[], most: number, violations: Violation[]): void {
  if (ids.length > most) {
    violations.push({ field, rule: `must hold at most ${most} ids, not ${ids.length}` });
    return;
  }
  for (const [i, id] of ids.entries()) {
    const violation = idViolation(`${field}[${i}]`, id);
    if (violation) violations.push(violation);
  }
}

function notePrice(field: string, price: number | undefined, violations: Violation[]): void {
  if (price !== undefined && !(Number.isSafeInteger(price) && price >= 0)) {
    violations.push({ field, rule: 'must be a whole number of the smallest unit, 0 or more' });
  }
}
