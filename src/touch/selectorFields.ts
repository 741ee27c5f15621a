import type { Channel } from '../core/vocabulary.js';
import type { JsonFields } from './jsonFields.js';
import type { RuleSelector } from './touchPolicy.js';

/** The selector in a JSON object of its own. */
export function selectorOf(fields: JsonFields): RuleSelector {
  const channels = fields.texts('channels') as Channel[] | undefined;
  const campaignTypes = fields.texts('campaign_types');
  const exceptCampaignTypes = fields.texts('except_campaign_types');
  const shopIds = fields.texts('shop_ids');
  fields.refuseOthers();
  return {
    ...(channels && { channels }),
    ...(campaignTypes && { campaignTypes }),
    ...(exceptCampaignTypes && { exceptCampaignTypes }),
    ...(shopIds && { shopIds }),
  };
}
