import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Observer, Progress } from './observer.js';

export interface FairnessMetrics extends Pick<Observer, 'onFairPage'> {
  show(progress: Pick<Progress, 'fairness'>): void;
}

const BUCKETS_RATIO = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1];
const SHARES = ['got', 'target', 'natural'] as const;

export function createFairnessMetrics(registry: Registry): FairnessMetrics {
  const registers = [registry];
  const pages = new Counter({
    name: 'tagrank_fairness_pages_total',
    help: 'Lists answered here, by what became of their boosts: whole, shrunk or refused by the budget, none to give, or the user is held out.',
    labelNames: ['boost'],
    registers,
  });
  const lost = new Histogram({
    name: 'tagrank_fairness_lost_relevance_ratio',
    help: 'Of lists that were boosted here: the part of their relevance that they gave up for it, by position. Never above the budget.',
    buckets: BUCKETS_RATIO,
    registers,
  });
  const share = new Gauge({
    name: 'tagrank_fairness_tail_share_ratio',
    help: "The tail's share of exposure at all servers: what it got, what it is to get, what it would win by itself. Absent before the first step.",
    labelNames: ['share'],
    registers,
  });
  const boost = new Gauge({
    name: 'tagrank_fairness_boost_ratio',
    help: "What is added to the odds of items of the tail by now, as a part of a page's mean odds; the same at all servers.",
    registers,
  });
  for (const what of ['whole', 'shrunk', 'refused', 'none', 'held_out']) pages.inc({ boost: what }, 0);
  for (const what of SHARES) share.set({ share: what }, 0);
  return {
    onFairPage({ isHeldOut, boostScale, lostRatio }) {
      pages.inc({ boost: isHeldOut ? 'held_out' : boostWord(boostScale) });
      if (boostScale !== undefined) lost.observe(lostRatio);
    },
    show({ fairness }) {
      const shares = fairness && {
        got: fairness.tailShareRatio,
        target: fairness.targetShareRatio,
        natural: fairness.naturalShareRatio,
      };
      for (const what of SHARES) {
        if (shares === undefined) share.remove({ share: what });
        else share.set({ share: what }, shares[what]);
      }
      boost.set(fairness?.boost ?? 0);
    },
  };
}

function boostWord(scale: number | undefined): string {
  if (scale === undefined) return 'none';
  if (scale === 1) return 'whole';
  return scale > 0 ? 'shrunk' : 'refused';
}
