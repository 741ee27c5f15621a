import { InvalidInputError } from '../../core/errors.js';
import type * as core from '../../core/vocabulary.js';
import { DegradationLevel } from '../../gen/tagrank/v1/recommendation.js';
import { OverrideAction, TagField } from '../../gen/tagrank/v1/tag.js';
import { BehaviourType, Channel, Language, WatermarkState } from '../../gen/tagrank/v1/vocabulary.js';
import type { WatermarkOutcome } from '../../tags/readYourWrites.js';
import { createCodes } from './scalars.js';

export const behaviourTypes = createCodes<core.BehaviourType, BehaviourType>({
  purchase: BehaviourType.PURCHASE,
  add_to_cart: BehaviourType.ADD_TO_CART,
  favourite: BehaviourType.FAVOURITE,
  inquiry: BehaviourType.INQUIRY,
  follow: BehaviourType.FOLLOW,
  share: BehaviourType.SHARE,
  search: BehaviourType.SEARCH,
  browse: BehaviourType.BROWSE,
  review: BehaviourType.REVIEW,
  remove_from_cart: BehaviourType.REMOVE_FROM_CART,
  remove_favourite: BehaviourType.REMOVE_FAVOURITE,
  refund: BehaviourType.REFUND,
  not_interested: BehaviourType.NOT_INTERESTED,
});

export const channels = createCodes<core.Channel, Channel>({
  service_account: Channel.SERVICE_ACCOUNT,
  wecom_direct: Channel.WECOM_DIRECT,
  wecom_group: Channel.WECOM_GROUP,
  moments: Channel.MOMENTS,
  sms: Channel.SMS,
  phone: Channel.PHONE,
  push: Channel.PUSH,
  email: Channel.EMAIL,
});

export const tagFields = createCodes<core.TagField, TagField>({
  category: TagField.CATEGORY,
  brand: TagField.BRAND,
  attribute: TagField.ATTRIBUTE,
  title: TagField.TITLE,
});

export const overrideActions = createCodes<core.OverrideAction, OverrideAction>({
  lock: OverrideAction.LOCK,
  add: OverrideAction.ADD,
  veto: OverrideAction.VETO,
});

export const degradationLevels = createCodes<core.DegradationLevel, DegradationLevel>({
  full: DegradationLevel.FULL,
  no_model: DegradationLevel.NO_MODEL,
  tags_only: DegradationLevel.TAGS_ONLY,
  popular: DegradationLevel.POPULAR,
});

export function fromWatermarkOutcome(outcome: WatermarkOutcome): WatermarkState {
  switch (outcome) {
    case undefined:
      return WatermarkState.UNSPECIFIED;
    case 'applied':
      return WatermarkState.APPLIED;
    case 'gave_up':
      return WatermarkState.GAVE_UP;
  }
}

/** English when none is given. @throws InvalidInputError for a language that is not spoken here */
export function toLanguage(language: Language, field = 'language'): core.Language {
  switch (language) {
    case Language.UNSPECIFIED:
    case Language.EN:
      return 'en';
    case Language.ZH:
      return 'zh';
    default:
      throw new InvalidInputError({ field, rule: 'must be LANGUAGE_EN or LANGUAGE_ZH' });
  }
}
