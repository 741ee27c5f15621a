import { UNKNOWN_HABITS } from './habitsCourse.js';
import type { LearningFacts, ShopAffinity } from './learnedRules.js';
import { isLearnedKind } from './learningPolicy.js';
import type { TouchContent } from './touch.js';
import type { TouchDependencies, TouchPerson } from './touchDependencies.js';
import type { TouchPolicy } from './touchPolicy.js';

/** Whether a budget is to be scaled for the shop that writes: only then is it worth reading what was done there. */
export function looksAtShops(policy: TouchPolicy, { shopId, campaignType }: TouchContent): boolean {
  return shopId !== undefined && policy.learning?.budget !== undefined && isLearnedKind(policy, campaignType);
}

/** What learning looks at besides the log, for one message to a person. */
export function learningFactsOf(
  { traits = {}, shops }: TouchPerson,
  { shopId }: Pick<TouchContent, 'shopId'>,
  { habitsOf }: Pick<TouchDependencies, 'habitsOf'>,
): LearningFacts {
  const shop = shopId === undefined || shops === undefined ? undefined : affinityTo(shopId, shops);
  return { habits: habitsOf?.(traits) ?? UNKNOWN_HABITS, ...(shop !== undefined && { shop }) };
}

/** Undefined for somebody who cares for no shop yet: then none is preferred. */
function affinityTo(shopId: string, shops: ReadonlyMap<string, number>): ShopAffinity | undefined {
  if (shops.size === 0) return undefined;
  const total = [...shops.values()].reduce((sum, weight) => sum + weight, 0);
  return { affinity: shops.get(shopId) ?? 0, meanAffinity: total / shops.size };
}
