import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import type { TagSubject } from '../../src/tags/tagReport.js';
import { aRankRequest } from '../ranking/storefront.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();

/** What a look at the truth may take on a busy machine, beside the second that is promised. */
const WITHIN_A_SECOND = { interval: 10, timeout: 1_000 };

describe.skipIf(missing !== undefined)(`overrides of tags at two servers ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [App, App];

  beforeAll(async () => {
    engines = await startEngines();
    [a, b] = [await engines.openApp(), await engines.openApp()];
    await a.useCases.upsertProducts(
      ['mug', 'bowl', 'pan'].map((productId) => ({
        productId,
        shopId: productId === 'pan' ? 'forge' : 'kiln',
        title: productId,
        categoryPath: ['kitchen', productId === 'pan' ? 'iron' : 'pottery'],
        inStock: true,
      })),
    );
    const event = { eventId: 'e-1', type: 'purchase', userId: 'ann', productId: 'mug' };
    const { watermark } = await a.useCases.track([{ ...event, occurredAtMs: Date.now() - 60_000 }]);
    await b.useCases.getTags({ subject: ann, limit: 20, watermark });
  }, 120_000);
  afterAll(() => engines?.stop());

  const ann: TagSubject = { kind: 'user', userId: 'ann' };
  const pan: TagSubject = { kind: 'product', productId: 'pan' };
  const tagsAt = async (app: App, subject: TagSubject): Promise<Map<string, number>> => {
    const { tags } = await app.useCases.getTags({ subject, limit: 200 });
    return new Map(tags.map(({ tag, weight }) => [tag, weight]));
  };

  it('T1 T6: what is said at one is read by there before the answer, and by the other within a second', async () => {
    const before = await tagsAt(b, ann);
    await a.useCases.tagOverrides.set({
      setBy: 'olga',
      overrides: [
        { subject: ann, tag: 'category:kitchen/pottery', action: 'veto', weight: 0 },
        { subject: ann, tag: 'scene:camping', action: 'lock', weight: 0.5 },
        { subject: pan, tag: 'scene:camping', action: 'add', weight: 0.7 },
      ],
    });
    const atOnce = await tagsAt(a, ann);
    expect(atOnce.has('category:kitchen/pottery')).toBe(false);
    expect(atOnce.get('scene:camping')).toBe(0.5);
    await expect.poll(async () => (await tagsAt(b, ann)).get('scene:camping'), WITHIN_A_SECOND).toBe(0.5);
    expect([...(await tagsAt(b, ann)).keys()].sort()).toEqual([...atOnce.keys()].sort());
    const answer = await b.useCases.rank(aRankRequest({ userId: 'ann', candidateIds: ['pan'] }));
    expect(answer.items[0]?.reasons.map(({ text }) => text).join()).toMatch(/camping/);

    await b.useCases.tagOverrides.delete({
      setBy: 'omar',
      overrides: [
        { subject: ann, tag: 'category:kitchen/pottery' },
        { subject: ann, tag: 'scene:camping' },
        { subject: pan, tag: 'scene:camping' },
      ],
    });
    expect([...(await tagsAt(b, ann)).keys()].sort()).toEqual([...before.keys()].sort());
    await expect.poll(async () => (await tagsAt(a, ann)).has('scene:camping'), WITHIN_A_SECOND).toBe(false);
  });

  it('T6: what made a tag is explained by either server as it is read there, in parts that add up', async () => {
    for (const app of [a, b]) {
      for (const subject of [ann, pan, { kind: 'shop', shopId: 'kiln' }] satisfies TagSubject[]) {
        const { tags } = await app.useCases.getTags({ subject, limit: 200 });
        for (const { tag, weight } of tags) {
          const made = await app.useCases.explainTag({ subject, tag, limit: 200 });
          // A moment has passed since.
          expect(made.tag.weight).toBeCloseTo(weight, 4);
          expect(made.parts.reduce((sum, part) => sum + part.weight, 0)).toBeCloseTo(made.learnedWeight, 9);
          expect(made.parts.length).toBeGreaterThan(0);
        }
      }
    }
    const { parts } = await b.useCases.explainTag({ subject: ann, tag: 'category:kitchen', limit: 20 });
    expect(parts.map(({ source }) => source)).toMatchObject([
      { kind: 'behaviour', eventId: 'e-1', productId: 'mug' },
    ]);
  });

  it('T7: holds for all ids of a person, whichever it was said of', async () => {
    await a.useCases.linkIdentity({ userId: 'ann', identity: { value: 'ann-wx' } });
    const ofOther: TagSubject = { kind: 'user', userId: 'ann-wx' };
    await a.useCases.tagOverrides.set({
      setBy: 'olga',
      overrides: [{ subject: ofOther, tag: 'scene:sea', action: 'lock', weight: 0.25 }],
    });
    for (const subject of [ann, ofOther]) {
      const tags = await tagsAt(a, subject);
      expect(tags.get('scene:sea')).toBe(0.25);
      expect(tags.has('category:kitchen/pottery')).toBe(true);
    }
  });

  it('is in force at a server that starts now, before it answers anything', async () => {
    await a.useCases.tagOverrides.set({
      setBy: 'olga',
      overrides: [{ subject: pan, tag: 'category:kitchen/iron', action: 'veto', weight: 0 }],
    });
    const late = await engines.openApp();
    expect((await tagsAt(late, pan)).has('category:kitchen/iron')).toBe(false);
    expect((await tagsAt(late, pan)).size).toBeGreaterThan(0);
  });
});
