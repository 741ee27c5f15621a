import type { TouchContent } from './touch.js';
import type { RuleSelector } from './touchPolicy.js';

/** Whether a touch is one of those that the selector is about. */
export function selects(selector: RuleSelector, { channel, campaignType, shopId }: TouchContent): boolean {
  return (
    (selector.channels?.includes(channel) ?? true) &&
    (selector.campaignTypes?.includes(campaignType) ?? true) &&
    !(selector.exceptCampaignTypes?.includes(campaignType) ?? false) &&
    (selector.shopIds === undefined || (shopId !== undefined && selector.shopIds.includes(shopId)))
  );
}
