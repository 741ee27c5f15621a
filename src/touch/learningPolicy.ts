import { campaignTypeFacts, type RuleSelector, type TouchPolicy } from './touchPolicy.js';

/**
 * Learning, switched on. It is for messages of the kinds selected, all but those that bypass caps: who
 * waits for a parcel has no patience to be spared. The messages that it is for are also those that it
 * learns from.
 */
export interface LearningPolicy extends Pick<RuleSelector, 'campaignTypes' | 'exceptCampaignTypes'> {
  /** How many messages a person bears (C1, C3). Absent: no budget. */
  readonly budget?: BudgetPolicy;
  /** At which hours a person reads (C2). Absent: any hour. */
  readonly goodHour?: GoodHourPolicy;
}

export interface BudgetPolicy {
  /**
   * Messages a day for people of whom nothing is known, within `BUDGET_BOUNDS`. Absent: such people have
   * no budget, and who is known begins at one a day.
   */
  readonly defaultPerDay?: number;
  /** What an unsubscribe costs, in opens, above 0; `DEFAULT_UNSUBSCRIBE_COST` when absent. */
  readonly unsubscribeCost?: number;
  /** Decided and reported, but not enforced. */
  readonly shadow: boolean;
}

export interface GoodHourPolicy {
  /** Share of reservations that try another hour, from 0 to `MAX_EXPLORED_RATIO`. */
  readonly exploredRatio: number;
  /** Decided and reported, but not enforced. */
  readonly shadow: boolean;
}

/** Whether learning is for messages of this kind. False where the policy has none. */
export function isLearnedKind(policy: TouchPolicy, campaignType: string): boolean {
  const { learning } = policy;
  return (
    learning !== undefined &&
    (learning.campaignTypes?.includes(campaignType) ?? true) &&
    !(learning.exceptCampaignTypes?.includes(campaignType) ?? false) &&
    !campaignTypeFacts(policy, campaignType).bypassesCaps
  );
}
