import { describe, expect, it } from 'vitest';
import { DegradationLevel } from '../../src/gen/tagrank/v1/recommendation.js';
import { TagField } from '../../src/gen/tagrank/v1/tag.js';
import { BehaviourType, Language, WatermarkState } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toTimestamp } from '../../src/server/client.js';
import { NOW_MS } from './fakeUseCases.js';
import { refusal } from './messages.js';
import { serve } from './serve.js';

describe('Rank', () => {
  it('hands every field of the request to the room', async () => {
    const { client, kept } = await serve();
    await client.rank({
      userId: 'u1',
      scene: 'home',
      candidateIds: ['p1', 'p2'],
      pageSize: 5,
      language: Language.ZH,
      contextProductId: 'p9',
      excludeProductIds: ['p3'],
      shopIds: ['s1'],
      categoryPrefix: 'grocery/bread',
      minPriceMinor: 100n,
      maxPriceMinor: 200n,
      watermark: '17',
    });
    expect(kept.rankRequests).toEqual([
      {
        userId: 'u1',
        scene: 'home',
        candidateIds: ['p1', 'p2'],
        pageSize: 5,
        language: 'zh',
        contextProductId: 'p9',
        excludeProductIds: ['p3'],
        shopIds: ['s1'],
        categoryPrefix: 'grocery/bread',
        minPriceMinor: 100,
        maxPriceMinor: 200,
        watermark: '17',
      },
    ]);
  });

  it('asks for twenty items in English when nothing is said', async () => {
    const { client, kept } = await serve();
    await client.rank({ userId: 'u1' });
    expect(kept.rankRequests[0]).toMatchObject({ pageSize: 20, language: 'en', candidateIds: [] });
    expect(kept.rankRequests[0]?.contextProductId).toBeUndefined();
  });

  it('answers with items, reasons, degradation and counts', async () => {
    const { client } = await serve();
    expect(await client.rank({ userId: 'u1' })).toMatchObject({
      rankId: 'rank-1',
      items: [
        {
          productId: 'p1',
          shopId: 's1',
          score: 0.75,
          relevance: 0.5,
          position: 1,
          reasons: [{ code: 'bought_shop', text: 'You bought here', strength: 1 }],
          sources: ['bought_shops'],
          adjustments: { quality: 1.5 },
          slotFacts: {
            chosenFor: 'bid',
            displacedProductId: 'p2',
            clickLoss: 0.25,
            likeLoss: 0.125,
            negativeFeedbackGain: -0.5,
            purchaseLoss: 0.0625,
            valueLossMinor: 12.5,
          },
        },
      ],
      degradationLevel: DegradationLevel.NO_MODEL,
      degradationReason: 'no model is loaded',
      candidateCount: 3,
      droppedCounts: { out_of_stock: 2 },
      unknownCandidateCount: 1,
      answeredAt: toTimestamp(NOW_MS),
    });
  });

  it('refuses 100,000 candidates of the longest id by field, and goes on serving', async () => {
    const { client } = await serve();
    const candidateIds = Array.from({ length: 100_000 }, (_, i) => `${i}`.padEnd(128, 'x'));
    const { code, details } = await refusal(client.rank({ userId: 'u1', candidateIds }));
    expect(code).toBe('INVALID_ARGUMENT');
    expect(details).toMatch(/^candidate_ids: .*100000/);
    expect((await client.rank({ userId: 'u1' })).rankId).toBe('rank-1');
  });

  it('refuses an empty user, a page of a million and a language that it does not speak', async () => {
    const { client } = await serve();
    expect((await refusal(client.rank({}))).details).toBe('user_id: must not be empty');
    expect((await refusal(client.rank({ userId: 'u1', pageSize: 1_000_000 }))).details).toMatch(
      /^page_size: /,
    );
    expect((await refusal(client.rank({ userId: 'u1', language: 42 as Language }))).details).toBe(
      'language: must be LANGUAGE_EN or LANGUAGE_ZH',
    );
  });
});

describe('Explain', () => {
  it('answers every part of a score, and why no page shows it', async () => {
    const { client, kept } = await serve();
    const answer = await client.explain({ userId: 'u1', productId: 'p1', language: Language.ZH });
    expect(kept.explainRequests).toEqual([{ userId: 'u1', productId: 'p1', language: 'zh' }]);
    expect(answer).toEqual({
      score: -0.5,
      relevance: 0.25,
      contributions: [
        { kind: 'base', name: 'unknown', value: -2, contribution: -2 },
        { kind: 'feature', name: 'own_in_cart', value: 1, contribution: 1.25 },
        { kind: 'boost', name: 'quality', value: 1.25, contribution: 0.25 },
      ],
      reasons: [{ code: 'in_cart', text: 'It is in your cart', strength: 1 }],
      modelVersion: 'm-1',
      droppedBy: 'already_ordered',
      position: 3,
      sources: ['own_history'],
      degradationLevel: DegradationLevel.FULL,
      degradationReason: '',
    });
  });

  it('refuses a served list, and a product that there is not', async () => {
    const { client } = await serve();
    const ofThen = await refusal(client.explain({ userId: 'u1', productId: 'p1', rankId: 'r-1' }));
    expect(ofThen).toMatchObject({ code: 'INVALID_ARGUMENT', details: expect.stringMatching(/^rank_id: /) });
    expect((await refusal(client.explain({ userId: 'u1', productId: 'p2' }))).code).toBe('NOT_FOUND');
  });
});

describe('TagService', () => {
  it('answers tags with every kind of origin', async () => {
    const { client } = await serve();
    const answer = await client.getTags({ subject: { $case: 'userId', value: 'u1' } });
    expect(answer).toMatchObject({ clarity: 0.25, asOf: toTimestamp(NOW_MS), shortTermTags: [] });
    expect(answer.tags).toEqual([
      {
        tag: 'category:grocery/bread',
        weight: -0.5,
        origins: [
          { origin: { $case: 'intrinsic', value: { field: TagField.CATEGORY, weight: 1 } } },
          {
            origin: {
              $case: 'behaviour',
              value: { type: BehaviourType.REFUND, weight: -6, count: 2n, lastAt: toTimestamp(NOW_MS) },
            },
          },
          {
            origin: {
              $case: 'audience',
              value: { shareRatio: 0.6, overallShareRatio: 0.3, tgi: 200, weight: 0.1 },
            },
          },
          { origin: { $case: 'products', value: { weight: 0.2, count: 4n } } },
        ],
      },
    ]);
  });

  it('needs a subject, and answers NOT_FOUND when the room does', async () => {
    const { client } = await serve();
    expect((await refusal(client.getTags({}))).details).toBe(
      'subject: one of user_id, product_id and shop_id must be given',
    );
    expect(await refusal(client.getTags({ subject: { $case: 'shopId', value: 's9' } }))).toMatchObject({
      code: 'NOT_FOUND',
      details: 'no shop s9',
    });
  });

  it('explains a tag by every kind of part', async () => {
    const { client } = await serve();
    const subject = { $case: 'userId', value: 'u1' } as const;
    const answer = await client.explainTag({ subject, tag: 'brand:aster' });
    expect(answer).toMatchObject({
      tag: { tag: 'brand:aster', weight: 1 },
      shortTermTag: { weight: 0.5 },
      learnedWeight: 1.5,
      learnedShortTermWeight: 0.5,
      furtherCount: 3n,
      furtherWeight: 0.5,
      forecast: [{ at: toTimestamp(NOW_MS), weight: 0.5, shortTermWeight: 0.125 }],
      asOf: toTimestamp(NOW_MS),
      watermarkState: WatermarkState.APPLIED,
    });
    expect(answer.override).toBeUndefined();
    expect(answer.parts.map(({ part }) => part)).toEqual([
      {
        $case: 'behaviour',
        value: {
          type: BehaviourType.BROWSE,
          userId: 'u1',
          eventId: 'e1',
          productId: 'p1',
          shopId: '',
          query: '',
          occurredAt: toTimestamp(NOW_MS),
          sum: 0.75,
          halfLifeMs: 604_800_000n,
        },
      },
      { $case: 'product', value: { productId: 'p1', sales: 8, assortmentRatio: 0.5 } },
      { $case: 'intrinsic', value: { field: TagField.BRAND, weight: 0.6 } },
      { $case: 'audience', value: { shareRatio: 0.6, overallShareRatio: 0.3, tgi: 200, weight: 0.1 } },
    ]);
    expect(answer.fadingNext).toEqual(answer.parts.slice(0, 1));
    expect((await refusal(client.explainTag({ tag: 'brand:aster' }))).details).toBe(
      'subject: one of user_id, product_id and shop_id must be given',
    );
  });

  it('R5: answers how well a shop matches a user, with its parts and reasons', async () => {
    const { client } = await serve();
    expect(await client.getMatch({ userId: 'u1', shopId: 's1' })).toEqual({
      degree: 0.8,
      tagCosine: -0.25,
      affinity: 0.5,
      audienceFit: 0.5,
      parts: [{ tag: 'brand:acme', userWeight: 0.5, shopWeight: -0.5, contribution: -0.25 }],
      reasons: ['because'],
      watermarkState: 0,
    });
  });
});
