import type { Behaviour, BehaviourContext, LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { aBehaviour, aContext } from '../support/builders.js';

let seq = 0;

/** A behaviour in the log, at a seq of its own: a browse of product-1 at shop-1 unless it says otherwise. */
export function aLogged(
  facts: Partial<Behaviour> = {},
  context: Partial<BehaviourContext> = {},
): LoggedBehaviour {
  seq += 1;
  return { behaviour: aBehaviour(facts), context: aContext({ shopId: 'shop-1', ...context }), seq };
}
