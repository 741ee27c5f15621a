import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../src/core/time.js';
import { itemCooccurrence } from '../../../src/evaluation/baselines/itemCooccurrence.js';
import { cosineNeighbours } from '../../../src/evaluation/baselines/neighbours.js';
import { pastOf } from '../../../src/evaluation/baselines/past.js';
import { personalFrequency } from '../../../src/evaluation/baselines/personalFrequency.js';
import { popular, popularProducts, recentlyPopular } from '../../../src/evaluation/baselines/popular.js';
import type { Recommender } from '../../../src/evaluation/recommender.js';
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
    expect(await listFor(popular({ past, nowMs }), 'anybody')).toEqual(['bought', 'browsed', 'fresh']);
    expect(await listFor(popular({ past, nowMs }), 'anybody', 1)).toEqual(['bought']);
  });

  it('puts what is fresh first when it fades', async () => {
    const lately = recentlyPopular({ past, nowMs, halfLifeMs: day(7) });
    expect(await listFor(lately, 'anybody')).toEqual(['fresh', 'bought', 'browsed']);
    expect(lately.settings).toEqual({ halfLifeDays: 7 });
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
  const filler = popularProducts({ past, nowMs, halfLifeMs: Infinity });

  it('ranks own products by how often, or by how lately, and fills up with popular ones', async () => {
    const often = personalFrequency({ past, filler, halfLifeMs: day(10_000) });
    const lately = personalFrequency({ past, filler, halfLifeMs: day(7) });
    expect(await listFor(often, 'me')).toEqual(['often', 'late', 'hit']);
    expect(await listFor(lately, 'me')).toEqual(['late', 'often', 'hit']);
  });

  it('loses no product of a long silence to underflow', async () => {
    const brief = personalFrequency({ past, filler: [], halfLifeMs: 1_000 });
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
  const make = (ownProducts: boolean, filler: readonly number[] = []) =>
    itemCooccurrence({
      past,
      neighbours,
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
    const filler = popularProducts({ past, nowMs, halfLifeMs: Infinity });
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
