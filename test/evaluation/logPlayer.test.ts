import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogPlayer } from '../../src/evaluation/logPlayer.js';
import { splitBehaviours } from '../../src/evaluation/split.js';
import { drawnLog, drawnProducts } from './drawnLog.js';

const byTime = (a: { occurredAtMs: number }, b: { occurredAtMs: number }) => a.occurredAtMs - b.occurredAtMs;

describe('a played log', () => {
  it('knows at each moment what a split there would know, and hands out each thing once', () => {
    fc.assert(
      fc.property(
        drawnLog,
        drawnProducts,
        fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1 }),
        (behaviours, products, stops) => {
          const moments = stops.toSorted((a, b) => a - b);
          const splitAtMs = moments[0] as number;
          const splitAt = (atMs: number) =>
            splitBehaviours({ behaviours, products, splitAtMs: atMs, targetKind: 'any' });
          const later = behaviours.filter(({ occurredAtMs }) => occurredAtMs >= splitAtMs).sort(byTime);
          const log = new LogPlayer({ split: splitAt(splitAtMs), later, shops: [], products });
          const told = [...splitAt(splitAtMs).before];
          const taught = products.filter(({ productId }) => splitAt(splitAtMs).catalogue.has(productId));
          for (const moment of moments) {
            const played = log.advance(moment);
            told.push(...played.behaviours);
            taught.push(...played.products);
            expect(told).toEqual(splitAt(moment).before);
            expect(new Map([...log.catalogue].sort())).toEqual(
              new Map([...splitAt(moment).catalogue].sort()),
            );
            const known = products.filter(({ productId }) => log.catalogue.has(productId));
            expect(taught.toSorted(byId)).toEqual(known.toSorted(byId));
          }
        },
      ),
    );
  });

  it('opens a shop once, after it was created', () => {
    const shops = [{ createdAtMs: 5 }, { createdAtMs: 30 }, { createdAtMs: 10 }, {}];
    const split = splitBehaviours({ behaviours: [], products: [], splitAtMs: 10, targetKind: 'any' });
    const log = new LogPlayer({ split, later: [], shops, products: [] });
    expect(log.advance(10).shops).toEqual([]);
    expect(log.advance(30).shops).toEqual([{ createdAtMs: 10 }]);
    expect(log.advance(31).shops).toEqual([{ createdAtMs: 30 }]);
    expect(() => log.advance(30)).toThrow('forwards');
  });
});

const byId = (a: { productId: string }, b: { productId: string }) => (a.productId < b.productId ? -1 : 1);
