import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractQueryTags, extractTags, MAX_TAGS } from '../../src/catalog/extractTags.js';
import type { Product } from '../../src/catalog/product.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';

const segmenter = createTitleSegmenter();
const product = (content: Partial<Product>): Product => ({
  productId: 'p1',
  title: '',
  categoryPath: [],
  attributes: {},
  inStock: true,
  bid: 0,
  ...content,
});
const namesOf = (content: Partial<Product>) => extractTags(product(content), segmenter).map(({ tag }) => tag);

describe('extractTags', () => {
  it('reads category, attributes, brand and title of an English product, heaviest first (T1)', () => {
    const tags = extractTags(
      product({
        title: "Acme Women's Wool Coats, 2 pcs, size XL – FREE shipping",
        categoryPath: ['Women', 'Outerwear', 'Coats'],
        brand: ' ACME ',
        attributes: { Fabric: 'Wool', 'Age Band': '25-29' },
      }),
      segmenter,
    );
    expect(tags.map(({ tag, field, weight }) => [tag, field, Math.round(weight * 100) / 100])).toEqual([
      ['category:women/outerwear/coats', 'category', 1],
      ['age band:25-29', 'attribute', 0.7],
      ['fabric:wool', 'attribute', 0.7],
      ['category:women/outerwear', 'category', 0.6],
      ['brand:acme', 'brand', 0.6],
      ['title:women', 'title', 0.4],
      ['title:wool', 'title', 0.4],
      ['title:coat', 'title', 0.4],
      ['category:women', 'category', 0.36],
    ]);
  });

  it('reads category, attributes, brand and title of a Chinese product (T1)', () => {
    const names = namesOf({
      title: '2024新款女士长款羽绒服加厚保暖 包邮',
      categoryPath: ['女装', '羽绒服'],
      brand: '波司登',
      attributes: { 面料: '锦纶、棉', 袖长: '长袖' },
    });
    expect(names.slice(0, 5)).toEqual([
      'category:女装/羽绒服',
      '袖长:长袖',
      '面料:锦纶',
      '面料:棉',
      'category:女装',
    ]);
    expect(names.slice(5)).toEqual([
      'brand:波司登',
      'title:女士',
      'title:长款',
      'title:羽绒服',
      'title:加厚',
      'title:保暖',
    ]);
  });

  it('cuts mixed titles into words, and keeps names that no dictionary knows (T1)', () => {
    expect(segmenter.keywords('ＮＩＫＥ耐克男鞋运动鞋')).toEqual(['nike', '耐克', '男鞋', '运动鞋']);
    expect(segmenter.keywords('纯棉T恤男短袖 宽松')).toEqual(['纯棉', 't恤', '短袖', '宽松']);
    expect(segmenter.keywords('爱他美 婴儿配方奶粉 3段 900g')).toEqual(['爱他美', '婴儿', '配方', '奶粉']);
    expect(segmenter.keywords('iPhone15 Pro 256GB 手机壳')).toEqual(['iphone15', 'pro', '手机', '壳']);
  });

  it('drops numbers, measures, single letters and words that sellers write on everything (T1)', () => {
    expect(segmenter.keywords('SET OF 3 CAKE TINS x 2 500 ml 1,5L 100% A')).toEqual(['cake', 'tin']);
    expect(segmenter.keywords('官方旗舰店正品 特价包邮 2件')).toEqual([]);
  });

  it('gives one word for both numbers of a noun (T1)', () => {
    for (const [one, many] of [
      ['coat', 'coats'],
      ['dress', 'dresses'],
      ['box', 'boxes'],
      ['berry', 'berries'],
      ['shoe', 'shoes'],
      ['candle', 'candles'],
      ['brush', 'brushes'],
    ] as const) {
      expect(segmenter.keywords(many)).toEqual([one]);
      expect(segmenter.keywords(one)).toEqual([one]);
    }
    expect(segmenter.keywords('christmas glass canvas')).toEqual(['christmas', 'glass', 'canvas']);
  });

  it('puts measures into buckets, and leaves counts and years alone', () => {
    const names = namesOf({
      attributes: { a: '110', b: '130', c: '3', d: '2024', e: '12.5', f: '50', g: '25' },
    });
    expect(names).toEqual(['a:100-200', 'b:100-200', 'c:3', 'd:2024', 'e:10-20', 'f:50-100', 'g:20-50']);
  });

  it('takes no tag from months, dates and codes, which say nothing of taste', () => {
    expect(
      namesOf({
        attributes: { a: '201703', b: '2017-03', c: '2017/3/1', d: '6901234567892', e: '2017年3月' },
      }),
    ).toEqual([]);
    expect(namesOf({ attributes: { age_band: '25-29', ratio: '16/9' } })).toEqual([
      'age_band:25-29',
      'ratio:16/9',
    ]);
  });

  it('says nothing where the seller said nothing', () => {
    expect(
      namesOf({ brand: 'No Brand', attributes: { fabric: 'unknown', 材质: '其他', style: ' - ' } }),
    ).toEqual([]);
    expect(namesOf({})).toEqual([]);
  });

  it('never lets an attribute pass for a category, a title word or an audience', () => {
    const attributes = { category: 'x', Title: 'y', audience: 'z', 'a:b': 'c', brand: 'acme' };
    const tags = extractTags(product({ attributes, brand: 'Acme' }), segmenter);
    expect(tags.map(({ tag, field }) => [tag, field])).toEqual([
      ['a_b:c', 'attribute'],
      ['attribute_audience:z', 'attribute'],
      ['attribute_category:x', 'attribute'],
      ['attribute_title:y', 'attribute'],
      ['brand:acme', 'brand'],
    ]);
  });

  it('reads a search as it reads a title, so that both meet on the same words', () => {
    const words = extractQueryTags('Wool COATS 羽绒服', segmenter).map(({ tag }) => tag);
    expect(words).toEqual(['title:wool', 'title:coat', 'title:羽绒服']);
  });

  it('gives at most 32 tags of finite weight in (0, 1], each once, the same every time', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('羽绒服', 'coats', '12', 'a/b'),
    );
    const anyProduct = fc.record({
      title: fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
      categoryPath: fc.array(word, { maxLength: 8 }),
      brand: fc.option(word, { nil: undefined }),
      attributes: fc.dictionary(word, word, { maxKeys: 64 }),
    });
    fc.assert(
      fc.property(anyProduct, (content) => {
        const tags = extractTags(product(content), segmenter);
        expect(tags.length).toBeLessThanOrEqual(MAX_TAGS);
        expect(new Set(tags.map(({ tag }) => tag)).size).toBe(tags.length);
        for (const { tag, weight } of tags) {
          expect(weight > 0 && weight <= 1).toBe(true);
          expect(tag).toMatch(/^[^:]+:./su);
        }
        const shuffled = {
          ...content,
          attributes: Object.fromEntries(Object.entries(content.attributes).reverse()),
        };
        expect(extractTags(product(content), segmenter)).toEqual(tags);
        expect(extractTags(product(shuffled), segmenter).length).toBe(tags.length);
      }),
      { numRuns: 200 },
    );
  });
});
