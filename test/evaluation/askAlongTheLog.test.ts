import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Behaviour } from '../../src/behaviour/behaviour.js';
import { DAY_MS } from '../../src/core/time.js';
import { askAlongTheLog } from '../../src/evaluation/askAlongTheLog.js';
import { type Baselines, createBaselines } from '../../src/evaluation/baselines/createBaselines.js';
import { leaveLastOut } from '../../src/evaluation/leaveLastOut.js';
import { LogPlayer } from '../../src/evaluation/logPlayer.js';
import type { News, Recommender } from '../../src/evaluation/recommender.js';
import { startTagrankRecommender, type TagrankRecommender } from '../../src/evaluation/tagrankRecommender.js';
import { aProduct, NOON_MS } from '../support/builders.js';
import { did } from './behaviours.js';

/** With the libraries of `models/baselines/requirements.txt`; without it ALS and BPR are not among them. */
const PYTHON = process.env.TAGRANK_PYTHON;
const SCRIPTS = fileURLToPath(new URL('../../models/baselines', import.meta.url));

/** Nine people who come every day or second day, each on their own round of twelve products. */
const behaviours = Array.from({ length: 9 }, (_, person) =>
  Array.from({ length: 12 }, (__, visit) => {
    const atMs = NOON_MS + (visit * (1 + (person % 2)) + person / 10) * DAY_MS;
    return [
      did(`u${person}`, 'browse', `p${(visit + person) % 12}`, atMs),
      did(`u${person}`, 'purchase', `p${(visit + person) % 12}`, atMs + 1_000),
    ];
  }),
).flat(2);
const splitAtMs = NOON_MS + 6 * DAY_MS;
const products = [
  ...Array.from({ length: 12 }, (_, index) => aProduct({ productId: `p${index}`, createdAtMs: NOON_MS })),
  // Comes while the log is played, and nobody acts on it.
  aProduct({ productId: 'fresh', createdAtMs: splitAtMs + 1 }),
];
const { split, later } = leaveLastOut({ behaviours, products, splitAtMs, targetKind: 'next' });
const play = () => new LogPlayer({ split, later, shops: [], products });

/** What a recommender had been told when it was asked: how much, and a checksum of all of it. */
interface Told {
  readonly userId: string;
  readonly nowMs: number;
  readonly count: number;
  readonly checksum: string;
}

const checksumOf = (told: readonly Behaviour[]) =>
  createHash('sha256')
    .update(told.map(({ eventId }) => eventId).join('\n'))
    .digest('hex');

/** Writes down what `recommender` is told, and what it had been told at each question. */
function watched(recommender: Recommender, questions: Told[]): Recommender {
  const told: Behaviour[] = [];
  return {
    name: recommender.name,
    learn: async (news) => {
      told.push(...news.behaviours);
      await recommender.learn?.(news);
    },
    recommend: async (query) => {
      const { userId, nowMs } = query;
      questions.push({ userId, nowMs, count: told.length, checksum: checksumOf(told) });
      return recommender.recommend(query);
    },
  };
}

describe('asking along the log', () => {
  let tagrank: TagrankRecommender;
  let baselines: Baselines;
  let recommenders: Recommender[];
  beforeAll(async () => {
    tagrank = await startTagrankRecommender({ split, shops: [], products, users: [] });
    const factorisation = PYTHON === undefined ? undefined : { python: PYTHON, scriptFolder: SCRIPTS };
    baselines = await createBaselines({ split, seed: 1, factorisation });
    recommenders = [...baselines.recommenders, tagrank];
  }, 120_000);
  afterAll(async () => {
    await tagrank.close();
    await baselines.close();
  });

  it('tells every recommender the same before each question: all of the log up to it, and nothing more', async () => {
    const questions = recommenders.map((): Told[] => []);
    const answers = await askAlongTheLog({
      recommenders: recommenders.map((each, index) => watched(each, questions[index] as Told[])),
      users: split.users,
      log: play(),
      rounds: 4,
    });
    const expected = split.users.map(({ userId, askedAtMs }): Told => {
      const before = later.filter(({ occurredAtMs }) => occurredAtMs < askedAtMs);
      return { userId, nowMs: askedAtMs, count: before.length, checksum: checksumOf(before) };
    });
    expect(expected.map(({ userId }) => userId)).toHaveLength(9);
    expect(new Set(expected.map(({ count }) => count)).size).toBe(9);
    for (const of of questions) expect(of).toEqual(expected);

    // They have it, too: what the asker looked at a second ago is on the list of whoever knows people apart.
    const personal = ['personal frequency', 'item co-occurrence', 'session kNN', 'tagrank'];
    for (const { recommender, lists, foreignPlaces } of answers) {
      expect(foreignPlaces).toBe(0);
      if (!personal.includes(recommender.name)) continue;
      split.users.forEach(({ userId, askedAtMs }, index) => {
        const looked = later.findLast((each) => each.userId === userId && each.occurredAtMs < askedAtMs);
        expect(looked?.occurredAtMs).toBe(askedAtMs - 1_000);
        expect(lists[index]).toContain(looked?.productId);
      });
    }
    const own = answers.at(-1)?.lists ?? [];
    split.users.forEach(({ userId }, index) => {
      expect(own[index]).toContain('fresh');
      // Ordered since the split, and not due again: TagRank was told of it.
      const ordered = later.find((each) => each.userId === userId && each.type === 'purchase');
      expect(own[index]).not.toContain(ordered?.productId);
    });
  });

  it('counts rounds of equal numbers of questions, and tells everybody before it asks anybody', async () => {
    const course: string[] = [];
    const noting = (name: string): Recommender => ({
      name,
      learn: async ({ round }: News) => void course.push(`${name} learns in ${round}`),
      recommend: async ({ userId }) => {
        course.push(`${name} on ${userId}`);
        return [];
      },
    });
    const users = split.users.slice(0, 4);
    const asked: number[] = [];
    await askAlongTheLog({
      recommenders: [noting('a'), noting('b')],
      users,
      log: play(),
      rounds: 2,
      onAsked: (count) => asked.push(count),
    });
    expect(course).toEqual(
      users.flatMap(({ userId }, index) => [
        ...['a', 'b'].map((name) => `${name} learns in ${index < 2 ? 0 : 1}`),
        ...['a', 'b'].map((name) => `${name} on ${userId}`),
      ]),
    );
    expect(asked).toEqual([1, 2, 3, 4]);
  });

  it('tells nothing between two who are asked at one moment', async () => {
    let told = 0;
    const counting: Recommender = {
      name: 'counting',
      learn: async () => void told++,
      recommend: async () => [],
    };
    const [first] = split.users;
    const twins = [first, { ...first, userId: 'twin' }] as typeof split.users;
    await askAlongTheLog({ recommenders: [counting], users: twins, log: play(), rounds: 2 });
    expect(told).toBe(1);
  });
});
