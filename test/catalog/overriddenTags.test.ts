import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogIndex } from '../../src/catalog/catalogIndex.js';
import type { IntrinsicTag } from '../../src/catalog/intrinsicTags.js';
import { NONE } from '../../src/catalog/ordinals.js';
import { overriddenTags } from '../../src/catalog/overriddenTags.js';
import type { OverrideWord } from '../../src/catalog/overrideWord.js';
import { fieldOfTag, normaliseTag } from '../../src/catalog/tagText.js';
import { aProduct } from '../support/builders.js';

const tag = (name: string, weight = 0.5): IntrinsicTag => ({ tag: name, field: fieldOfTag(name), weight });
const words = (said: Readonly<Record<string, OverrideWord>>) =>
  new Map(Object.entries(said).map(([name, word]) => [name, { word }]));

describe('tags under overrides', () => {
  it('are locked at a weight, added with at least one, and never there when vetoed', () => {
    const shown = overriddenTags(
      [tag('a:1'), tag('a:2'), tag('a:3'), tag('a:4')],
      words({
        'a:1': { action: 'lock', weight: 0.2 },
        'a:2': { action: 'add', weight: 0.2 },
        'a:3': { action: 'add', weight: 0.9 },
        'a:4': { action: 'veto' },
        'title:新': { action: 'add', weight: 0.4 },
        'b:1': { action: 'veto' },
      }),
    );
    expect(shown).toEqual([tag('a:1', 0.2), tag('a:2'), tag('a:3', 0.9), tag('title:新', 0.4)]);
  });

  it('have one spelling, whatever the width, case and spaces that an operator writes', () => {
    expect(normaliseTag(' Ｆabric ：  Cotton  Blend')).toBe('fabric:cotton blend');
    expect(normaliseTag('Category:Grocery / Bread/')).toBe('category:grocery/bread');
    for (const none of ['', 'linen', ':linen', 'fabric:', ' : ', 'category:/']) {
      expect(normaliseTag(none)).toBeUndefined();
    }
  });
});

const NAMES = ['fabric:linen', 'fabric:wool', 'brand:aster', 'category:clothing/shirts', 'title:shirt'];
const someWord: fc.Arbitrary<OverrideWord> = fc.oneof(
  fc.record({
    action: fc.constantFrom('lock' as const, 'add' as const),
    weight: fc.constantFrom(0.1, 0.5, 1),
  }),
  fc.constant({ action: 'veto' as const }),
);
const someTags = fc
  .uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 })
  .map((names) => names.map((name) => tag(name)));
const someStep = fc.record({
  product: fc.constantFrom('p0', 'p1', 'p2'),
  does: fc.oneof(
    fc.record({ tags: someTags }),
    fc.record({ words: fc.dictionary(fc.constantFrom(...NAMES, 'scene:sea'), someWord, { maxKeys: 3 }) }),
    fc.constant({ ensured: true }),
  ),
});

describe('a catalogue under overrides', () => {
  it('property: shows tags and lists by them in any order of upserts and words, and teaches as without', () => {
    fc.assert(
      fc.property(fc.array(someStep, { maxLength: 12 }), (steps) => {
        const [index, plain] = [createCatalogIndex(), createCatalogIndex()];
        const tagsOf = new Map<string, readonly IntrinsicTag[]>();
        const wordsOf = new Map<string, ReturnType<typeof words>>();
        let revision = 0;
        for (const { product: productId, does } of steps) {
          if ('words' in does) {
            wordsOf.set(productId, words(does.words));
            index.overrideTags(productId, words(does.words));
          } else if ('tags' in does) {
            revision += 1;
            tagsOf.set(productId, does.tags);
            for (const one of [index, plain]) {
              one.upsertProduct({ product: aProduct({ productId }), revision }, does.tags);
            }
          } else {
            if (!tagsOf.has(productId)) tagsOf.set(productId, []);
            for (const one of [index, plain]) one.ensureProduct(productId);
          }
        }
        const listed = new Map<string, string[]>();
        for (const [productId, tags] of tagsOf) {
          const ordinal = index.products.of(productId);
          const said = wordsOf.get(productId) ?? new Map();
          const shown = overriddenTags(tags, said);
          expect(index.namedTagsAt(ordinal)).toEqual(shown);
          for (const one of shown) listed.set(one.tag, [...(listed.get(one.tag) ?? []), productId]);
          const isVetoed = said.get('category:clothing/shirts')?.word.action === 'veto';
          const leaf = isVetoed ? NONE : index.leafCategoryAt(ordinal);
          expect(index.tagsAt(ordinal).leafCategory).toBe(leaf);
          for (let at = 0; at <= revision; at++) {
            expect(index.productFacts(productId, at)).toEqual(plain.productFacts(productId, at));
          }
        }
        for (const name of [...NAMES, 'scene:sea']) {
          const ordinals = index.productsWithTag(index.tags.of(name));
          const ids = [...ordinals].map((ordinal) => index.products.idOf(ordinal)).sort();
          expect(ids).toEqual((listed.get(name) ?? []).sort());
        }
      }),
    );
  });

  it('tells whoever keeps a list that it holds others now, though as many as before', () => {
    const index = createCatalogIndex();
    for (const [n, productId] of ['p0', 'p1'].entries()) {
      const tags = n === 0 ? [tag('scene:sea')] : [];
      index.upsertProduct({ product: aProduct({ productId }), revision: 1 }, tags);
    }
    const sea = index.tags.of('scene:sea');
    const before = index.versionWithTag(sea);
    index.overrideTags('p0', words({ 'scene:sea': { action: 'veto' } }));
    index.overrideTags('p1', words({ 'scene:sea': { action: 'add', weight: 0.7 } }));
    expect(index.productsWithTag(sea)).toHaveLength(1);
    expect(index.versionWithTag(sea)).not.toBe(before);
  });
});
