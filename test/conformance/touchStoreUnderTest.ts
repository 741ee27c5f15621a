import { beforeEach } from 'vitest';
import { ttl } from '../../src/core/time.js';
import type { Reservation, ReserveOutcome, TouchStore } from '../../src/touch/touchStore.js';
import type { TouchRecord } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, MINUTE } from '../touch/builders.js';

export const NOON = Date.UTC(2025, 5, 1, 12);

let permitsBuilt = 0;

/** A reservation of a routine push by shop-1 at noon, under ids of its own, at most one an hour. */
export function aReservation(facts: Partial<Reservation> = {}): Reservation {
  permitsBuilt += 1;
  return {
    userId: 'user-1',
    requestId: `request-${permitsBuilt}`,
    permitId: `permit-${permitsBuilt}`,
    content: { channel: 'push', campaignType: 'routine', shopId: 'shop-1' },
    policy: aPolicy({ caps: [aCap()] }),
    timezone: 'UTC',
    nowMs: NOON,
    ttlMs: ttl(10 * MINUTE),
    ...facts,
  };
}

/** A store that is new for each test, and the usual ways of asking it. */
export interface TouchStoreUnderTest {
  readonly store: TouchStore;
  reserve(facts?: Partial<Reservation>): Promise<ReserveOutcome>;
  /** Throws where it is not granted. */
  granted(facts?: Partial<Reservation>): Promise<TouchRecord>;
}

/** To be called within a `describe`. */
export function touchStoreUnderTest(makeStore: () => Promise<TouchStore>): TouchStoreUnderTest {
  let store: TouchStore;
  beforeEach(async () => {
    store = await makeStore();
  });
  const reserve = (facts: Partial<Reservation> = {}) => store.reserve(aReservation(facts));
  return {
    get store() {
      return store;
    },
    reserve,
    async granted(facts = {}) {
      const outcome = await reserve(facts);
      if (outcome.kind !== 'granted') throw new Error(`expected a grant, got ${outcome.kind}`);
      return outcome.record;
    },
  };
}
