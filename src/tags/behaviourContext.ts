import type { Behaviour, BehaviourContext } from '../behaviour/behaviour.js';
import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { NONE } from '../catalog/ordinals.js';
import type { Traits } from '../core/traits.js';
import { quantisePercentile } from '../projection/packedHistory.js';

/**
 * Looks up what a behaviour's projection will need of the other side, to be logged with it: the
 * product's revision, shop and price percentile, and what was told of the user. Nothing of what other
 * behaviours taught, which depends on how many had arrived by then.
 */
export function createContextOf(deps: {
  catalog: CatalogIndex;
  toldTraits: (userId: string) => Traits;
}): (behaviour: Behaviour) => BehaviourContext {
  const { catalog } = deps;
  return function contextOf(behaviour) {
    const traits = deps.toldTraits(behaviour.userId);
    const ordinal = behaviour.productId === undefined ? NONE : catalog.products.of(behaviour.productId);
    if (ordinal === NONE) return { productRevision: 0, shopId: behaviour.shopId, traits };
    const percentile =
      behaviour.priceMinor === undefined
        ? catalog.pricePercentileAt(ordinal)
        : catalog.percentileOfPrice(ordinal, behaviour.priceMinor, behaviour.currency);
    return {
      productRevision: catalog.revisionAt(ordinal),
      shopId: behaviour.shopId ?? catalog.shopIdOf(ordinal),
      ...(Number.isNaN(percentile) ? {} : { pricePercentile: quantisePercentile(percentile) }),
      traits,
    };
  };
}
