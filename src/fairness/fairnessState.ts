import { AT_REST, type Steering } from './steering.js';

/** Everything that the loop knows, and all that servers share of it. */
export interface FairnessState {
  /** Rises by one with every step; 0 before the first. */
  readonly version: number;
  /** The server that made the last step. */
  readonly steeredBy: string;
  readonly steering: Steering;
  /** The shops that are not tail, as frozen on `frozenOnDay` (days since the epoch, UTC) when so many pages were in memory. */
  readonly headShopIds: readonly string[];
  readonly frozenOnDay: number;
  readonly frozenAtPages: number;
  /** By shop id, in odds of a page's mean relevance; see `shopPrices.ts` and `newShopLift.ts`. */
  readonly prices: Readonly<Record<string, number>>;
  readonly newShopLifts: Readonly<Record<string, number>>;
}

/** Before the first step. */
export const UNSTEERED: FairnessState = {
  version: 0,
  steeredBy: '',
  steering: AT_REST,
  headShopIds: [],
  frozenOnDay: 0,
  frozenAtPages: 0,
  prices: {},
  newShopLifts: {},
};
