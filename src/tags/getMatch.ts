import type { BehaviourWeights } from '../behaviour/weights.js';
import { NONE } from '../catalog/ordinals.js';
import { InvalidInputError, NotFoundError } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import { cosine } from '../core/vectors.js';
import type { Language } from '../core/vocabulary.js';
import type { RankingState } from '../ranking/rankingState.js';
import { type Audience, audienceFit, traitShares } from './audience.js';
import type { OverridesInForce } from './overrideIndex.js';
import { traitsOf } from './people.js';
import type { ReadYourWrites } from './readYourWrites.js';
import { shopVector, tagsOfShop } from './shopVector.js';
import type { GetMatchRequest, MatchPart, MatchReport } from './tagReport.js';
import { longTermVector, shopAffinity } from './userVectors.js';

export interface GetMatchDeps {
  readonly reads: ReadYourWrites;
  readonly state: RankingState & { readonly population: Audience };
  readonly overrides: OverridesInForce;
  readonly weights: BehaviourWeights;
  readonly clock: Clock;
}

/** Parts of the match that are listed. */
const PARTS = 20;

/**
 * How well a shop matches a person (R5), with its reasons. A person never heard of matches by
 * traits alone; the shop must exist.
 */
export function createGetMatch(deps: GetMatchDeps): (request: GetMatchRequest) => Promise<MatchReport> {
  return async function getMatch({ userId, shopId, language, watermark: asked = '' }) {
    const violations = [idViolation('user_id', userId), idViolation('shop_id', shopId)];
    const found = violations.flatMap((violation) => violation ?? []);
    if (found.length > 0) throw new InvalidInputError(found);
    const { catalog, population } = deps.state;
    const shopOrdinal = catalog.shops.of(shopId);
    if (shopOrdinal === NONE) throw new NotFoundError(`no shop has the id ${shopId}`);
    const nowMs = deps.clock.nowMs();
    const { person, watermark } = await deps.reads.person(userId, asked);
    const user = person.state;
    const state = deps.state.shopState(shopOrdinal);
    const reading = {
      nowMs,
      weights: deps.weights,
      idf: (tag: string) => catalog.idfOf(tag),
      overrides: deps.overrides.ofPerson(userId, person.memberIds),
    };
    const taste = longTermVector(user, reading);
    const overrides = deps.overrides.ofShop(shopId);
    const shop = shopVector(tagsOfShop({ catalog, shopOrdinal, state, nowMs, overrides }), reading.idf);
    const shares = state === undefined ? [] : traitShares(state.audience, population, nowMs);
    const orders = user?.shops.get(shopId)?.purchaseDays.length ?? 0;
    const figures = {
      tagCosine: cosine(taste, shop),
      affinity: shopAffinity(user?.shops.get(shopId)?.byType, reading),
      audienceFit: audienceFit(traitsOf(person, nowMs), shares),
    };
    const parts = matchParts(taste, shop);
    return {
      degree: degreeOf(figures),
      ...figures,
      parts,
      reasons: inWords({ ...figures, parts, orders, language }),
      watermark,
    };
  };
}

interface Figures {
  readonly tagCosine: number;
  readonly affinity: number;
  readonly audienceFit: number;
}

/**
 * Any one of taste, own behaviour and crowd can make a match, each on top of the others (a noisy
 * or). The ceilings say how sure each is by itself.
 */
export function degreeOf({ tagCosine, affinity, audienceFit }: Figures): number {
  const byTaste = 0.8 * Math.max(0, tagCosine);
  const byCrowd = 0.3 * Math.max(0, 2 * audienceFit - 1);
  return 1 - (1 - byTaste) * (1 - affinity) * (1 - byCrowd);
}

function matchParts(taste: ReadonlyMap<string, number>, shop: ReadonlyMap<string, number>): MatchPart[] {
  const parts: MatchPart[] = [];
  for (const [tag, userWeight] of taste) {
    const shopWeight = shop.get(tag);
    if (shopWeight !== undefined)
      parts.push({ tag, userWeight, shopWeight, contribution: userWeight * shopWeight });
  }
  return parts.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, PARTS);
}

function inWords({
  parts,
  affinity,
  audienceFit,
  orders,
  language,
}: Figures & { parts: readonly MatchPart[]; orders: number; language: Language }): string[] {
  const zh = language === 'zh';
  const liked = parts.filter(({ contribution }) => contribution > 0.01).slice(0, 3);
  const tags = liked.map(({ tag }) => tag.slice(Math.max(tag.indexOf(':'), tag.lastIndexOf('/')) + 1));
  const reasons: { strength: number; text: string }[] = [];
  if (orders > 0) {
    const text = zh
      ? `曾有 ${orders} 天在此店下单`
      : `Has ordered here on ${orders} ${orders === 1 ? 'day' : 'days'}`;
    reasons.push({ strength: affinity + 0.5, text });
  } else if (affinity > 0) {
    reasons.push({
      strength: affinity,
      text: zh ? '曾对此店或其商品表现出兴趣' : 'Has shown interest in this shop',
    });
  }
  if (tags.length > 0) {
    const text = zh ? `偏好与此店相符：${tags.join('、')}` : `Shares a taste for ${tags.join(', ')}`;
    reasons.push({ strength: liked.reduce((sum, { contribution }) => sum + contribution, 0), text });
  }
  if (audienceFit > 0.55) {
    reasons.push({
      strength: audienceFit - 0.5,
      text: zh ? '与此店的典型顾客相似' : "Is like this shop's typical buyers",
    });
  }
  return reasons.sort((a, b) => b.strength - a.strength).map(({ text }) => text);
}
