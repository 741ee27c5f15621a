import type { Language } from '../../core/vocabulary.js';
import type { ReasonCode } from '../rankRequest.js';

/** What a sentence may name. */
export interface ReasonFacts {
  /** Another product: the one looked at, or bought before. */
  readonly via?: string;
  readonly shop?: string;
  readonly tags?: readonly string[];
  readonly crowd?: string;
  readonly category?: string;
  readonly days?: number;
  readonly times?: number;
  readonly stars?: number;
  readonly ratings?: number;
}

/** Trait values that are codes, in words; others (age bands, regions) are said as they are. */
const TRAIT_WORDS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'spending_level=low': { en: 'careful spenders', zh: '精打细算' },
  'spending_level=middle': { en: 'middle spenders', zh: '中等消费' },
  'spending_level=high': { en: 'high spenders', zh: '高消费' },
  'gender=female': { en: 'women', zh: '女性' },
  'gender=male': { en: 'men', zh: '男性' },
};

/** A crowd such as `age_band=25-29` in words. */
export function wordCrowd(name: string, language: Language): string {
  return TRAIT_WORDS[name]?.[language] ?? name.slice(name.indexOf('=') + 1);
}

type Wording = (facts: ReasonFacts) => string;

const WORDS: Readonly<Record<ReasonCode, Readonly<Record<Language, Wording>>>> = {
  bought_shop: {
    en: ({ shop }) => `From ${shop}, where you have ordered before`,
    zh: ({ shop }) => `来自您买过的店铺「${shop}」`,
  },
  repurchase_due: {
    en: ({ days, times }) =>
      `You bought this on ${plural(times ?? 1, 'day')}, last ${plural(days ?? 0, 'day')} ago`,
    zh: ({ days, times }) => `您曾在 ${times} 天买过，距上次 ${days} 天`,
  },
  viewed_before: {
    en: ({ days }) =>
      days === 0 ? 'You looked at this today' : `You looked at this ${plural(days ?? 0, 'day')} ago`,
    zh: ({ days }) => (days === 0 ? '您今天看过' : `您 ${days} 天前看过`),
  },
  in_cart: {
    en: () => 'It is in your cart',
    zh: () => '已在您的购物车中',
  },
  related_to_recent: {
    en: ({ via }) => `People who chose ${via} also choose this`,
    zh: ({ via }) => `选择「${via}」的人也选择它`,
  },
  goes_together: {
    en: ({ via }) => `Goes with ${via}`,
    zh: ({ via }) => `与「${via}」搭配`,
  },
  tag_match: {
    en: ({ tags }) => `Matches your taste for ${(tags ?? []).join(', ')}`,
    zh: ({ tags }) => `符合您的偏好：${(tags ?? []).join('、')}`,
  },
  crowd: {
    en: ({ crowd }) => `Chosen more often by people like you (${crowd})`,
    zh: ({ crowd }) => `与您相似的人群（${crowd}）更常选择`,
  },
  price_fit: {
    en: () => 'In the price range that you choose here',
    zh: () => '价格符合您在该类目的消费水平',
  },
  well_rated: {
    en: ({ stars, ratings }) => `Rated ${stars?.toFixed(1)} of 5 in ${plural(ratings ?? 0, 'rating')}`,
    zh: ({ stars, ratings }) => `${ratings} 条评分，平均 ${stars?.toFixed(1)} 星`,
  },
  new_arrival: {
    en: ({ days }) => (days === 0 ? 'New today' : `New: arrived ${plural(days ?? 0, 'day')} ago`),
    zh: ({ days }) => (days === 0 ? '新品：今天上架' : `新品：${days} 天前上架`),
  },
  popular: {
    en: () => 'Popular right now',
    zh: () => '近期热门',
  },
  to_discover: {
    en: ({ category }) => (category === undefined ? 'Something to discover' : `To discover in ${category}`),
    zh: ({ category }) => (category === undefined ? '为您发现' : `为您发现：${category}`),
  },
};

export function wordReason(code: ReasonCode, language: Language, facts: ReasonFacts): string {
  return WORDS[code][language](facts);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
