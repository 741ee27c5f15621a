import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/core/time.js';
import { itemCooccurrence } from '../../../src/evaluation/baselines/itemCooccurrence.js';
import { cosineNeighbours, neighboursByRound } from '../../../src/evaluation/baselines/neighbours.js';
import { pastOf } from '../../../src/evaluation/baselines/past.js';
import { personalFrequency } from '../../../src/evaluation/baselines/personalFrequency.js';
import {
  popular,
  popularProducts,
  type Ranking,
  recentlyPopular,
} from '../../../src/evaluation/baselines/popular.js';
import type { News, Recommender } from '../../../src/evaluation/recommender.js';
import { did } from '../behaviours.js';

const nowMs = 100 * DAY_MS;
const day = (at: number) => at * DAY_MS;
const listFor = (recommender: Recommender, userId: string, k = 10) =>
  recommender.recommend({ userId, k, nowMs });

describe('popular', () => {
  const past = pastOf([
    did('a', 'browse', 'browsed', day(1)),
    did('b', 'browse', 'browsed', day(1)),
    did('a', 'purchase', 'bought', day(1)),
    did('a', 'refund', 'returned', day(2)),
    did('b', 'browse', 'fresh', day(99)),
  ]);

  it('weighs behaviours by their type and passes over negative ones', async () => {
    expect(await listFor(popular({ past }), 'anybody')).toEqual(['bought', 'browsed', 'fresh']);
    expect(await listFor(popular({ past }), 'anybody', 1)).toEqual(['bought']);
  });

  it('puts what is fresh first when it fades', async () => {
    const lately = recentlyPopular({ past, halfLifeMs: day(7) });
    expect(await listFor(lately, 'anybody')).toEqual(['fresh', 'bought', 'browsed']);
    expect(lately.settings).toEqual({ halfLifeDays: 7 });
  });
});

describe('a past that grows', () => {
  const log = Array.from({ length: 60 }, (_, at) =>
    did(`u${at % 5}`, at % 3 === 0 ? 'purchase' : 'browse', `p${(at * at) % 11}`, day(at)),
  );
  const news = (from: number, to: number, round: number): News => ({
    ...{ nowMs: day(to), round, shops: [], products: [], behaviours: log.slice(from, to) },
  });
  const past = () => pastOf(log.slice(0, 20));

  it('counts news once, however many tell it', () => {
    const grown = past();
    for (let told = 0; told < 3; told++) grown.learn(news(20, 30, 0));
    expect(grown).toMatchObject(JSON.parse(JSON.stringify(pastOf(log.slice(0, 30)))));
    expect(grown.log).toHaveLength(30);
  });

  it('leaves popularity as if all had been known at once, also over thousands of half-lives', () => {
    for (const halfLifeMs of [Infinity, day(7), day(1) / 48]) {
      const grown = past();
      const ranking = popularProducts({ past: grown, halfLifeMs });
      ranking();
      for (let at = 20; at < 60; at += 5) {
        grown.learn(news(at, at + 5, 0));
        const ids = (of: typeof grown, products: readonly number[]) => products.map((p) => of.productIds[p]);
        const whole = pastOf(log.slice(0, at + 5));
        expect(ids(grown, ranking())).toEqual(ids(whole, popularProducts({ past: whole, halfLifeMs })()));
        if (halfLifeMs > day(1)) continue;
        const latest = log.slice(at, at + 5).map(({ productId }) => productId);
        expect(ids(grown, ranking()).slice(0, 3)).toEqual([...new Set(latest.reverse())].slice(0, 3));
      }
    }
  });

  it('finds neighbours anew with each round, and not in between', () => {
    const grown = past();
    const neighbours = neighboursByRound({ past: grown, kept: 10, shrinkage: 0 });
    neighbours.learn(news(20, 30, 0));
    const first = neighbours.current();
    neighbours.learn(news(30, 40, 0));
    expect(neighbours.current()).toBe(first);
    neighbours.learn(news(40, 50, 1));
    const fromScratch = cosineNeighbours({ past: pastOf(log.slice(0, 50)), kept: 10, shrinkage: 0 });
    expect(neighbours.current()).toEqual(fromScratch);
    expect(first).not.toEqual(fromScratch);
  });

  it('knows what a person did since the neighbours were found', async () => {
    const grown = past();
    const recommender = itemCooccurrence({
      ...{ past: grown, filler: () => [] },
      neighbours: neighboursByRound({ past: grown, kept: 10, shrinkage: 0 }),
      settings: { halfLifeMs: day(1), nearest: 10, ownProducts: true },
    });
    await recommender.learn?.(news(20, 21, 0));
    const behaviours = [did('late', 'purchase', 'brand-new', day(22))];
    await recommender.learn?.({ ...news(21, 23, 0), behaviours });
    expect(await listFor(recommender, 'late')).toEqual(['brand-new']);
  });
});

describe('personal frequency', () => {
  const past = pastOf([
    did('me', 'browse', 'often', day(10)),
    did('me', 'browse', 'often', day(11)),
    did('me', 'browse', 'often', day(12)),
    did('me', 'browse', 'late', day(90)),
    did('others', 'browse', 'hit', day(90)),
  ]);
  const filler = popularProducts({ past, halfLifeMs: Infinity });

  it('ranks own products by how often, or by how lately, and fills up with popular ones', async () => {
    const often = personalFrequency({ past, filler, halfLifeMs: day(10_000) });
    const lately = personalFrequency({ past, filler, halfLifeMs: day(7) });
    expect(await listFor(often, 'me')).toEqual(['often', 'late', 'hit']);
    expect(await listFor(lately, 'me')).toEqual(['late', 'often', 'hit']);
  });

  it('loses no product of a long silence to underflow', async () => {
    const brief = personalFrequency({ past, filler: () => [], halfLifeMs: 1_000 });
    expect(await listFor(brief, 'me')).toEqual(['late', 'often']);
  });

  it('gives a newcomer what is popular', async () => {
    expect(await listFor(personalFrequency({ past, filler, halfLifeMs: day(7) }), 'new')).toEqual([
      'often',
      'late',
      'hit',
    ]);
  });
});

describe('item co-occurrence', () => {
  const past = pastOf([
    did('a', 'purchase', 'oven', day(1)),
    did('a', 'purchase', 'tin', day(1)),
    did('b', 'purchase', 'oven', day(2)),
    did('b', 'purchase', 'tin', day(2)),
    did('b', 'purchase', 'soap', day(2)),
    did('c', 'purchase', 'soap', day(3)),
    did('me', 'purchase', 'oven', day(4)),
  ]);
  const neighbours = cosineNeighbours({ past, kept: 10, shrinkage: 0 });
  const make = (ownProducts: boolean, filler: Ranking = () => []) =>
    itemCooccurrence({
      past,
      neighbours: neighboursByRound({ past, kept: 10, shrinkage: 0 }),
      filler,
      settings: { halfLifeMs: day(30), nearest: 10, ownProducts },
    });

  it('finds the cosine over people, worked out by hand', () => {
    const oven = past.productIds.indexOf('oven');
    const near = [...(neighbours.products[oven] ?? [])].map((product) => past.productIds[product]);
    expect(near).toEqual(['tin', 'soap']);
    // Together 2 of √(3 · 2), and 1 of √(3 · 2).
    expect(neighbours.similarities[oven]?.[0]).toBeCloseTo(2 / Math.sqrt(6), 12);
    expect(neighbours.similarities[oven]?.[1]).toBeCloseTo(1 / Math.sqrt(6), 12);
  });

  it('brings chance meetings down by shrinkage', () => {
    const shrunk = cosineNeighbours({ past, kept: 10, shrinkage: 10 });
    const oven = past.productIds.indexOf('oven');
    expect(shrunk.similarities[oven]?.[0]).toBeCloseTo(2 / (Math.sqrt(6) + 10), 12);
  });

  it('recommends what goes with the history, with own products or without', async () => {
    expect(await listFor(make(true), 'me')).toEqual(['oven', 'tin', 'soap']);
    expect(await listFor(make(false), 'me')).toEqual(['tin', 'soap']);
  });

  it('fills up with popular products, never with own ones when those are left out', async () => {
    const filler = popularProducts({ past, halfLifeMs: Infinity });
    expect(await listFor(make(false, filler), 'a')).toEqual(['soap']);
    expect(await listFor(make(true, filler), 'new')).toEqual(['oven', 'tin', 'soap']);
  });

  it('answers each person from their own history alone, whoever was asked before', async () => {
    const recommender = make(true);
    const first = await listFor(recommender, 'me');
    await listFor(recommender, 'b');
    expect(await listFor(recommender, 'me')).toEqual(first);
  });
});
