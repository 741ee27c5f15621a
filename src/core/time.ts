/** Milliseconds since the Unix epoch. All rules take times as plain numbers of this kind. */
export type EpochMs = number;

declare const unit: unique symbol;
/** Time after which a weight is worth half. Never interchangeable with a window. */
export type HalfLifeMs = number & { readonly [unit]: 'half-life' };
/** Span that is looked back over; what lies before it does not count. */
export type WindowMs = number & { readonly [unit]: 'window' };
/** Time after which something stored is dropped. */
export type TtlMs = number & { readonly [unit]: 'ttl' };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const halfLife = (ms: number): HalfLifeMs => ms as HalfLifeMs;
export const window = (ms: number): WindowMs => ms as WindowMs;
export const ttl = (ms: number): TtlMs => ms as TtlMs;

/** Where the time of day comes from. Only use cases hold one; rules are handed `nowMs`. */
export interface Clock {
  nowMs(): EpochMs;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
