import { describe, expect, it } from 'vitest';
import { FailedPreconditionError } from '../../src/core/errors.js';
import { MAX_OVERRIDES_A_SUBJECT } from '../../src/tags/overrideBounds.js';
import type { OverrideToKeep } from '../../src/tags/tagOverride.js';
import type { TagOverrideStore } from '../../src/tags/tagOverrideStore.js';
import { NOON_MS } from '../support/builders.js';

const ann = { kind: 'user', userId: 'ann' } as const;
const tent = { kind: 'product', productId: 'tent' } as const;

/** Ann's `fabric:linen` locked at a half. */
function anOverride(facts: Partial<OverrideToKeep> = {}): OverrideToKeep {
  return {
    subject: ann,
    tag: 'fabric:linen',
    word: { action: 'lock', weight: 0.5 },
    setBy: 'olga',
    setAtMs: NOON_MS,
    ...facts,
  };
}

/** What every `TagOverrideStore` promises. `makeStore` answers an empty one each time. */
export function tagOverrideStoreConformance(name: string, makeStore: () => Promise<TagOverrideStore>): void {
  describe(`the store of tag overrides on ${name}`, () => {
    const all = (store: TagOverrideStore, withPast = false) =>
      store.list({ afterSeq: 0, limit: 1_000, withPast });

    it('gives back every override as it was set, of one subject or of all', async () => {
      const store = await makeStore();
      const given = [
        anOverride({ note: '测试 "1"\\' }),
        anOverride({ subject: tent, tag: 'title:帐篷', word: { action: 'add', weight: 0.1 + 0.2 } }),
        anOverride({ subject: { kind: 'shop', shopId: 'ann' }, word: { action: 'veto' } }),
      ];
      expect(await store.set(given)).toBe(3);
      expect(await all(store)).toEqual(
        given.map((one) => ({ ...one, seq: expect.any(Number), isCurrent: true })),
      );
      expect(await store.list({ subject: ann, afterSeq: 0, limit: 10 })).toMatchObject([given[0]]);
    });

    it('keeps a word that is said again as it was, and a retry changes nothing', async () => {
      const store = await makeStore();
      await store.set([anOverride()]);
      expect(await store.set([anOverride({ setAtMs: NOON_MS + 5 })])).toBe(0);
      expect(await all(store, true)).toMatchObject([{ setAtMs: NOON_MS }]);
      const others: Partial<OverrideToKeep>[] = [
        { word: { action: 'lock', weight: 0.25 } },
        { word: { action: 'add', weight: 0.25 } },
        { setBy: 'omar' },
        { note: 'why' },
      ];
      let facts: Partial<OverrideToKeep> = {};
      for (const other of others) {
        facts = { ...facts, ...other };
        expect(await store.set([anOverride(facts)])).toBe(1);
      }
    });

    it('keeps all that was ever said, and which of it holds', async () => {
      const store = await makeStore();
      await store.set([anOverride()]);
      await store.set([anOverride({ word: { action: 'veto' }, setBy: 'omar', setAtMs: NOON_MS + 1 })]);
      const deletion = { setBy: 'olga', setAtMs: NOON_MS + 2, note: 'season over' };
      expect(await store.delete([anOverride(), anOverride({ tag: 'never:was' })], deletion)).toBe(1);
      expect(await store.delete([anOverride()], deletion)).toBe(0);
      expect(await all(store)).toEqual([]);
      expect(await all(store, true)).toMatchObject([
        { word: { action: 'lock' }, setBy: 'olga', isCurrent: false },
        { word: { action: 'veto' }, setBy: 'omar', isCurrent: false },
        { word: undefined, ...deletion, isCurrent: true },
      ]);
      await store.set([anOverride({ setAtMs: NOON_MS + 3 })]);
      expect(await all(store)).toMatchObject([{ setAtMs: NOON_MS + 3 }]);
      expect(await all(store, true)).toHaveLength(4);
    });

    it('tells followers the last word on each tag, deletions included, in rising seqs', async () => {
      const store = await makeStore();
      await store.set([anOverride(), anOverride({ tag: 'b:1' }), anOverride({ subject: tent })]);
      const first = await store.changes({ afterSeq: 0, limit: 2 });
      expect(first.map(({ tag }) => tag)).toEqual(['fabric:linen', 'b:1']);
      await store.delete([anOverride()], { setBy: 'olga', setAtMs: NOON_MS });
      const rest = await store.changes({ afterSeq: first[1]!.seq, limit: 10 });
      expect(rest.map(({ subject, word }) => [subject, word?.action])).toEqual([
        [tent, 'lock'],
        [ann, undefined],
      ]);
      expect((await store.changes({ afterSeq: 0, limit: 10 })).map(({ tag }) => tag)).toEqual([
        'b:1',
        'fabric:linen',
        'fabric:linen',
      ]);
      expect(await store.changes({ afterSeq: rest[1]!.seq, limit: 10 })).toEqual([]);
    });

    it('lists in pages, each from after the last of the one before', async () => {
      const store = await makeStore();
      await store.set(Array.from({ length: 7 }, (_, n) => anOverride({ subject: tent, tag: `n:${n}` })));
      const tags: string[] = [];
      for (let afterSeq = 0; ; ) {
        const page = await store.list({ afterSeq, limit: 3 });
        if (page.length === 0) break;
        tags.push(...page.map(({ tag }) => tag));
        afterSeq = page.at(-1)!.seq;
      }
      expect(tags).toEqual(Array.from({ length: 7 }, (_, n) => `n:${n}`));
    });

    it('keeps nothing of a call that would break the bounds of one subject, whoever else writes', async () => {
      const store = await makeStore();
      const many = Array.from({ length: MAX_OVERRIDES_A_SUBJECT }, (_, n) =>
        anOverride({ subject: tent, tag: `n:${n}` }),
      );
      await store.set(many);
      const more = [anOverride(), anOverride({ subject: tent, tag: 'one:more' })];
      await expect(store.set(more)).rejects.toThrow(FailedPreconditionError);
      await expect(store.set(more)).rejects.toThrow(/product "tent" would have 65 overrides/);
      expect(await all(store)).toHaveLength(MAX_OVERRIDES_A_SUBJECT);
      // Squares of any two of these add up to 1 at most, of all three they do not.
      const words = [0.6, 0.8, -0.6].map((weight, n) =>
        anOverride({ tag: `w:${n}`, word: { action: 'add', weight } }),
      );
      const outcomes = await Promise.allSettled(words.map((word) => store.set([word])));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(await store.list({ subject: ann, afterSeq: 0, limit: 10 })).toHaveLength(2);
    });
  });
}
