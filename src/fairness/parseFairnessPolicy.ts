import { parse } from 'yaml';
import { InvalidInputError, type Violation } from '../core/errors.js';
import { DAY_MS, halfLife, MINUTE_MS, window } from '../core/time.js';
import { JsonFields } from '../touch/jsonFields.js';
import { DEFAULT_FAIRNESS_POLICY, type FairnessPolicy } from './fairnessPolicy.js';

/**
 * A policy from the text of a YAML or JSON file. What is left out stays as shipped, an empty file is the shipped
 * policy, and a name that is not known is refused:
 *
 *     enabled: true
 *     target_tail_share_ratio: 0.3        # twice what the tail wins by itself when left out
 *     page_budget_ratio: 0.02
 *     held_out_ratio: 0.01
 *     new_shops: { window_ms: 2592000000, exposure_floor: 20, most_boost: 0.5 }
 *
 * Throws `InvalidInputError` with everything that is wrong.
 */
export function parseFairnessPolicy(text: string): FairnessPolicy {
  const violations: Violation[] = [];
  const root = new JsonFields('', parsed(text) ?? {}, violations);
  const shipped = DEFAULT_FAIRNESS_POLICY;
  const within = (
    fields: JsonFields,
    name: string,
    otherwise: number,
    [least, most]: readonly [number, number],
  ) => {
    const value = fields.optionalNumber(name) ?? otherwise;
    if (!(value >= least && value <= most)) fields.refuse(name, `must be from ${least} to ${most}`);
    return value;
  };
  const newShops = root.object('new_shops');
  const target = root.optionalNumber('target_tail_share_ratio');
  if (target !== undefined) within(root, 'target_tail_share_ratio', target, RATIO);
  const policy: FairnessPolicy = {
    isEnabled: root.flag('enabled', shipped.isEnabled),
    ...(target !== undefined && { targetTailShareRatio: target }),
    pageBudgetRatio: within(root, 'page_budget_ratio', shipped.pageBudgetRatio, RATIO),
    heldOutRatio: within(root, 'held_out_ratio', shipped.heldOutRatio, RATIO),
    headShopRatio: within(root, 'head_shop_ratio', shipped.headShopRatio, RATIO),
    mostBoost: within(root, 'most_boost', shipped.mostBoost, BOOST),
    relevanceFloorRatio: within(root, 'relevance_floor_ratio', shipped.relevanceFloorRatio, RATIO),
    qualityGate: within(root, 'quality_gate', shipped.qualityGate, RATIO),
    exposureHalfLifeMs: halfLife(
      within(root, 'exposure_half_life_ms', shipped.exposureHalfLifeMs, [MINUTE_MS, 30 * DAY_MS]),
    ),
    lowTrafficPages: within(root, 'low_traffic_pages', shipped.lowTrafficPages, [0, 1e9]),
    meritMultiple: within(root, 'merit_multiple', shipped.meritMultiple, [1, 1e6]),
    mostPrice: within(root, 'most_price', shipped.mostPrice, BOOST),
    newShops: {
      windowMs: window(within(newShops, 'window_ms', shipped.newShops.windowMs, [0, 366 * DAY_MS])),
      exposureFloor: within(newShops, 'exposure_floor', shipped.newShops.exposureFloor, [0, 1e9]),
      mostBoost: within(newShops, 'most_boost', shipped.newShops.mostBoost, BOOST),
    },
  };
  newShops.refuseOthers();
  root.refuseOthers();
  if (violations.length > 0) throw new InvalidInputError(violations);
  return policy;
}

const RATIO = [0, 1] as const;
const BOOST = [0, 10] as const;

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const why = (cause as Error).message.trimEnd();
    throw new InvalidInputError({ field: 'policy', rule: `must be YAML or JSON: ${why}` });
  }
}
