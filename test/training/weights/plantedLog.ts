import type { Behaviour } from '../../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { seededRandom } from '../../../src/core/random.js';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js';
import type { BehaviourType } from '../../../src/core/vocabulary.js';
import { aBehaviour } from '../../support/builders.js';

const START_MS = Date.UTC(2025, 0, 1);
const ROUNDS = 4;
const PRODUCTS_A_ROUND = 6;
const ROUND_MS = 5 * DAY_MS;

/**
 * People who buy, every five days, one of the products that they turned to before, with a probability in proportion
 * to what they did with it: so much by type, fading by the starting half-lives. In order of time.
 */
export function plantedLog(options: {
  ratios: Partial<Record<BehaviourType, number>>;
  people: number;
  seed: number;
}): Behaviour[] {
  const random = seededRandom(options.seed);
  return Array.from({ length: options.people }, (_, person) => ofPerson(`u${person}`, options.ratios, random))
    .flat()
    .sort((a, b) => a.occurredAtMs - b.occurredAtMs);
}

function ofPerson(
  userId: string,
  ratios: Partial<Record<BehaviourType, number>>,
  random: () => number,
): Behaviour[] {
  const acts: Behaviour[] = [];
  const bought = new Set<string>();
  const types = Object.keys(ratios) as BehaviourType[];
  for (let round = 0; round < ROUNDS; round++) {
    const visitMs = START_MS + round * ROUND_MS + random() * DAY_MS;
    for (let i = 0; i < PRODUCTS_A_ROUND; i++) {
      const productId = `${userId}-${round}-${i}`;
      for (const type of types) {
        if (random() > 0.4) continue;
        acts.push(aBehaviour({ type, userId, productId, occurredAtMs: visitMs + i * 60_000 }));
      }
    }
    const atMs = visitMs + 2 * DAY_MS + random() * HOUR_MS;
    const strengths = strengthsAt(atMs, acts, ratios);
    for (const productId of bought) strengths.delete(productId);
    const productId = drawn(strengths, random);
    if (productId === undefined) continue;
    bought.add(productId);
    acts.push(aBehaviour({ type: 'purchase', userId, productId, occurredAtMs: atMs }));
  }
  return acts;
}

function strengthsAt(
  nowMs: number,
  acts: readonly Behaviour[],
  ratios: Partial<Record<BehaviourType, number>>,
): Map<string, number> {
  const strengths = new Map<string, number>();
  for (const { type, productId = '', occurredAtMs } of acts) {
    if (type === 'purchase') continue;
    const left = 2 ** ((occurredAtMs - nowMs) / STARTING_WEIGHTS[type].halfLifeMs);
    strengths.set(productId, (strengths.get(productId) ?? 0) + (ratios[type] ?? 0) * left);
  }
  return strengths;
}

function drawn(strengths: ReadonlyMap<string, number>, random: () => number): string | undefined {
  let at = random() * [...strengths.values()].reduce((sum, strength) => sum + strength, 0);
  for (const [productId, strength] of strengths) {
    at -= strength;
    if (at < 0) return productId;
  }
  return undefined;
}
