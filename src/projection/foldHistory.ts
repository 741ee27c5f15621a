import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { applyToUser, emptyUserState, type FactsAtLogging, type UserState } from '../tags/userState.js';
import { HISTORY_KEPT } from './keptHistory.js';
import { type ShopOf, unpackHistory } from './packedHistory.js';

export interface FoldRules {
  readonly weights: BehaviourWeights;
  readonly facts: FactsAtLogging;
  readonly shopOf: ShopOf;
}

/**
 * What packed behaviours say about a person: the histories of all ids of the person as one, the
 * newest `HISTORY_KEPT` of them, through `applyToUser`.
 *
 * Sums of floating point depend on the order of adding in their last bits. They are therefore folded
 * in one order, by time and then by content, so that equal sets of behaviours give states that are
 * equal to the bit: whatever the order of arrival, however they were spread over ids, cut or not.
 */
export function foldHistory(userId: string, histories: readonly Uint8Array[], rules: FoldRules): UserState {
  const { weights, facts, shopOf } = rules;
  const behaviours = histories.flatMap((history) => unpackHistory(history, { userId, shopOf }));
  behaviours.sort(byTimeThenContent);
  const state = emptyUserState(userId);
  for (const logged of behaviours.slice(-HISTORY_KEPT)) applyToUser(state, logged, { weights, facts });
  return state;
}

/** The order of `keptHistory`: the event id of an unpacked behaviour is its content. */
function byTimeThenContent({ behaviour: a }: LoggedBehaviour, { behaviour: b }: LoggedBehaviour): number {
  return a.occurredAtMs - b.occurredAtMs || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}
