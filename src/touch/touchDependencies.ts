import type { Clock } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import type { HabitsCourse } from './habitsCourse.js';
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
  /** What was told of the person: whose habits are theirs until they answer (`habitsOf`). */
  readonly traits?: Traits;
  /** Shops that they care for, with weights above 0 (`shopWeights`); absent unless asked for. */
  readonly shops?: ReadonlyMap<string, number>;
}

/** What is to be read of a person besides where and by whose clock. */
export interface WantedOfPerson {
  /** `TouchPerson.shops`: what they did is read along, and folded here. */
  readonly shops: boolean;
}

/** What the use cases of touch are built on. */
export interface TouchDependencies {
  readonly store: TouchStore;
  readonly ledger: Pick<TouchLedger, 'append'>;
  /** The policy in force now; checked (`validateTouchPolicy`). Asked once for each decision. */
  readonly policy: () => TouchPolicy;
  readonly clock: Clock;
  /** One read; two for an id of several that has no time zone of its own, or where `shops` are wanted. */
  readonly personOf: (userId: string, wanted: WantedOfPerson) => Promise<TouchPerson>;
  /** What is believed of people with such traits; nothing in particular when absent. */
  readonly habitsOf?: (traits: Traits) => HabitsCourse;
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
  readonly personsOf: (userIds: readonly string[], wanted: WantedOfPerson) => Promise<readonly TouchPerson[]>;
}
