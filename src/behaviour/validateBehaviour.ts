import { asRecord, type Checked, FieldReader } from '../core/fieldReader.js';
import { DAY_MS, type EpochMs, HOUR_MS } from '../core/time.js';
import { type BehaviourType, isBehaviourType } from '../core/vocabulary.js';
import type { Behaviour } from './behaviour.js';

/** UTF-8 bytes. */
export const MAX_QUERY_BYTES = 500;
export const MAX_REFERRER_BYTES = 2_048;
export const MAX_QUANTITY = 1_000_000;
export const MAX_POSITION = 1_000_000;
/** A page left open for a week says no more than one left open for a day. */
export const MAX_DWELL_MS = 7 * DAY_MS;
/** How far a caller's clock may run ahead of ours. */
export const MAX_CLOCK_LEAD_MS = HOUR_MS;
/** Before this no shop was online: an older time is a broken clock. */
export const EARLIEST_OCCURRED_AT_MS: EpochMs = Date.UTC(1990, 0, 1);

/** A behaviour as a caller or a file gave it; undefined, null and the empty text mean absent. */
export interface RawBehaviour {
  readonly eventId?: string | null;
  /** One of `BEHAVIOUR_TYPES`; anything else is a violation. */
  readonly type?: string | null;
  readonly userId?: string | null;
  readonly productId?: string | null;
  readonly shopId?: string | null;
  readonly occurredAtMs?: EpochMs | null;
  /** 1 when absent; 0 is a violation. */
  readonly quantity?: number | null;
  readonly priceMinor?: number | null;
  readonly currency?: string | null;
  readonly rating?: number | null;
  readonly query?: string | null;
  readonly sessionId?: string | null;
  readonly dwellMs?: number | null;
  readonly rankId?: string | null;
  readonly position?: number | null;
  readonly referrer?: string | null;
}

/**
 * Checks and normalises one behaviour as of `nowMs`. `field` is its path in the request, e.g.
 * `events[3]`.
 */
export function validateBehaviour(raw: RawBehaviour, field: string, nowMs: EpochMs): Checked<Behaviour> {
  const record = asRecord(raw);
  const read = new FieldReader(field);
  const eventId = read.id('event_id', record.eventId);
  const type = readType(read, record.type);
  const userId = read.id('user_id', record.userId);
  const productId = read.optionalId('product_id', record.productId);
  const shopId = read.optionalId('shop_id', record.shopId);
  const query = read.optionalText('query', record.query, MAX_QUERY_BYTES);
  const occurredAtMs = readOccurredAt(read, record.occurredAtMs, nowMs);
  const quantity = read.optionalInteger('quantity', record.quantity, { min: 1, max: MAX_QUANTITY }) ?? 1;
  const optional = {
    productId,
    shopId,
    priceMinor: read.optionalPriceMinor('price_minor', record.priceMinor),
    currency: read.optionalCurrency('currency', record.currency),
    rating: read.optionalInteger('rating', record.rating, { min: 1, max: 5 }),
    query,
    sessionId: read.optionalId('session_id', record.sessionId),
    dwellMs: read.optionalInteger('dwell_ms', record.dwellMs, { min: 0, max: MAX_DWELL_MS }),
    rankId: read.optionalId('rank_id', record.rankId),
    position: read.optionalInteger('position', record.position, { min: 1, max: MAX_POSITION }),
    referrer: read.optionalText('referrer', record.referrer, MAX_REFERRER_BYTES),
  };
  if (isBlank(record.query) && type === 'search') read.violate('query', 'must not be empty for a search');
  else if (isBlank(record.productId) && isBlank(record.shopId) && isBlank(record.query)) {
    read.violate('product_id', 'at least one of product_id, shop_id and query must be given');
  }
  return read.checked(() => ({
    eventId,
    type: type as BehaviourType,
    userId,
    occurredAtMs,
    quantity,
    ...withoutAbsent(optional),
  }));
}

function readType(read: FieldReader, value: unknown): BehaviourType | undefined {
  if (typeof value === 'string' && isBehaviourType(value)) return value;
  if (isBlank(value)) read.violate('type', 'must not be empty');
  else read.violate('type', 'must be a known type of behaviour');
  return undefined;
}

function readOccurredAt(read: FieldReader, value: unknown, nowMs: EpochMs): EpochMs {
  if (value === undefined || value === null) read.violate('occurred_at', 'must be given');
  else if (typeof value !== 'number' || !Number.isFinite(value)) {
    read.violate('occurred_at', 'must be a time');
  } else if (value < EARLIEST_OCCURRED_AT_MS) read.violate('occurred_at', 'must not be before 1990');
  else if (value > nowMs + MAX_CLOCK_LEAD_MS) {
    read.violate('occurred_at', 'must not be more than an hour in the future');
  } else return Math.floor(value);
  return 0;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function withoutAbsent<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
