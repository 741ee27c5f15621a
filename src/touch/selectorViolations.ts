import { oneOfRule, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { CHANNELS, isChannel } from '../core/vocabulary.js';
import type { RuleSelector } from './touchPolicy.js';

/** What is wrong with the selector of the rule, or of the promotion, at `field`. */
export function selectorViolations(field: string, selector: RuleSelector): Violation[] {
  const { campaignTypes, exceptCampaignTypes = [] } = selector;
  const found = listViolations(`${field}.selector`, [
    ['channels', selector.channels],
    ['campaign_types', campaignTypes],
    ['except_campaign_types', selector.exceptCampaignTypes],
    ['shop_ids', selector.shopIds],
  ]);
  const isOfNone = campaignTypes?.every((kind) => exceptCampaignTypes.includes(kind)) ?? false;
  if (isOfNone && campaignTypes?.length !== 0) {
    const rule = 'must leave one of campaign_types, or no message at all is meant';
    found.push({ field: `${field}.selector.except_campaign_types`, rule });
  }
  return found;
}

/** What is wrong with lists of ids and channels, each absent or not empty. */
export function listViolations(
  field: string,
  lists: readonly (readonly [name: string, values: readonly string[] | undefined])[],
): Violation[] {
  const found: Violation[] = [];
  for (const [name, values] of lists) {
    if (values?.length === 0) {
      found.push({ field: `${field}.${name}`, rule: 'must be absent or not empty' });
    }
    values?.forEach((value, i) => {
      const at = `${field}.${name}[${i}]`;
      const violation =
        name === 'channels' && !isChannel(value)
          ? { field: at, rule: oneOfRule(CHANNELS) }
          : idViolation(at, value);
      if (violation) found.push(violation);
    });
  }
  return found;
}
