import type { Clock } from '../core/time.js';
import type { SettleTouches } from './settleTouches.js';
import type { TouchLedger } from './touchLedger.js';
import type { TouchPolicy } from './touchPolicy.js';
import type { TouchStore } from './touchStore.js';

/** What deciding for an id needs to know of its person. */
export interface TouchPerson {
  /** The id that the person's touches are kept under; a first guess, the logs know better. */
  readonly homeId: string;
  /** IANA time zone; undefined when unknown, and then UTC holds. */
  readonly timezone?: string;
}

/** What the use cases of touch are built on. */
export interface TouchDependencies {
  readonly store: TouchStore;
  readonly ledger: Pick<TouchLedger, 'append'>;
  /** The policy in force now; checked (`validateTouchPolicy`). Asked once for each decision. */
  readonly policy: () => TouchPolicy;
  readonly clock: Clock;
  /** One read; two for an id of several that has no time zone of its own. */
  readonly personOf: (userId: string) => Promise<TouchPerson>;
  /** See `createSettleTouches`. */
  readonly settleTouches: SettleTouches;
  /**
   * The longest that a permit may have been on its way into the ledger when it is given out. A store
   * that lost its data is made anew from the ledger, and waits as long before it trusts that: a permit
   * that took longer could be missing there. (A commit or a no that took longer is told to the store once
   * more: `appendDone`.) No bound when absent (the store is in this process).
   */
  readonly ledgerSettle?: { readonly withinMs: number; readonly elapsedMs: () => number };
}

/** What those for many at once are built on. */
export interface TouchBatchDependencies extends TouchDependencies {
  /** `personOf` of many, in the order given, for the cost of one. */
  readonly personsOf: (userIds: readonly string[]) => Promise<readonly TouchPerson[]>;
}
