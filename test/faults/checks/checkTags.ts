import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { toldTraits } from '../../../src/identity/toldTraits.js';
import { foldHistory } from '../../../src/projection/foldHistory.js';
import { type TagRankClient, toEpochMs } from '../../../src/server/client.js';
import { fromMatchReport, fromTagReport } from '../../../src/server/convert/tags.js';
import { createGetMatch } from '../../../src/tags/getMatch.js';
import { createGetTags } from '../../../src/tags/getTags.js';
import { NO_OVERRIDES } from '../../../src/tags/overrideIndex.js';
import type { Person } from '../../../src/tags/people.js';
import type { TagSubject } from '../../../src/tags/tagReport.js';
import type { UserState } from '../../../src/tags/userState.js';
import { idsOf, PRODUCTS, SHOPS, TWINS, USERS } from '../load/shopfront.js';
import type { Check } from './check.js';
import { largestDifference } from './largestDifference.js';
import { patiently } from './patiently.js';
import type { Replay } from './replay.js';

/** Sums in the order of the log and in that of time differ in their last bits, and dust below 1e-9 is left out. */
const ORDER_TOLERANCE = 1e-8;
/** As does what a shop's products add up to: the catalogue lists them in the order in which it heard of them. */
const SHOP_TOLERANCE = 1e-12;
/** `GetMatch` does not say of which moment its answer is, and weights fade meanwhile. */
const MOMENT_TOLERANCE = 1e-6;
const MATCHED_USERS = 12;

type TagsAnswer = Awaited<ReturnType<TagRankClient['getTags']>>;

/** What a server says of people, products and shops, against the replay at the very same moment. */
export async function checkTags(
  client: TagRankClient,
  { name, replay }: { name: string; replay: Replay },
): Promise<Check> {
  const reference = new Reference(replay);
  const violations: string[] = [];
  const within = (distance: number, tolerance: number, what: string): number => {
    if (!(distance <= tolerance)) violations.push(`server ${name}: ${what} is ${distance} off the replay`);
    return distance;
  };
  const ask = (kind: TagSubject['kind'], value: string): Promise<TagsAnswer> =>
    patiently(() => client.getTags({ subject: { $case: `${kind}Id`, value }, limit: 200 }));

  let inLogOrder = 0;
  for (const userId of USERS) {
    const answer = await ask('user', userId);
    within(await reference.distance(answer, { kind: 'user', userId }), 0, userId);
    const apart = await reference.distanceInLogOrder(answer, userId);
    inLogOrder = Math.max(
      inLogOrder,
      within(apart, ORDER_TOLERANCE, `${userId}, folded in the order of the log,`),
    );
  }
  for (const userId of TWINS.flat()) {
    within(await reference.distance(await ask('user', userId), { kind: 'user', userId }), 0, userId);
  }
  for (const productId of PRODUCTS) {
    const answer = await ask('product', productId);
    within(await reference.distance(answer, { kind: 'product', productId }), 0, productId);
  }
  let ofShops = 0;
  for (const shopId of SHOPS) {
    const answer = await ask('shop', shopId);
    const apart = await reference.distance(answer, { kind: 'shop', shopId });
    ofShops = Math.max(ofShops, within(apart, SHOP_TOLERANCE, shopId));
  }
  for (const userId of USERS.slice(0, MATCHED_USERS)) {
    for (const shopId of SHOPS) {
      const answer = await patiently(() => client.getMatch({ userId, shopId }));
      const apart = largestDifference(answer, await reference.match(userId, shopId));
      within(apart, MOMENT_TOLERANCE, `the match of ${userId} and ${shopId}`);
    }
  }
  return {
    name: `tags of server ${name}`,
    compared: [
      `${USERS.length + TWINS.flat().length} people (${TWINS.flat().length} of two ids) and ${PRODUCTS.length} products equal to the bit`,
      `${SHOPS.length} shops within ${ofShops.toExponential(0)}`,
      `${MATCHED_USERS * SHOPS.length} matches within ${MOMENT_TOLERANCE.toExponential(0)}`,
      `people folded in log order within ${inLogOrder.toExponential(0)}`,
    ].join(', '),
    violations,
  };
}

/** The replay's own answers. */
class Reference {
  readonly #replay: Replay;
  readonly #folded = new Map<string, UserState>();

  constructor(replay: Replay) {
    this.#replay = replay;
  }

  async distance(answer: TagsAnswer, subject: TagSubject): Promise<number> {
    const wanted = await this.#tags(subject, {
      nowMs: toEpochMs(answer.asOf) as number,
      personOf: (userId) => this.#personOf(userId, this.#fold(userId)),
    });
    return largestDifference(byTag(answer), byTag(wanted));
  }

  /** How far the weights of a person's tags are from those folded in the order of the log. */
  async distanceInLogOrder(answer: TagsAnswer, userId: string): Promise<number> {
    const wanted = await this.#tags(
      { kind: 'user', userId },
      {
        nowMs: toEpochMs(answer.asOf) as number,
        personOf: (id) => this.#personOf(id, this.#replay.state.userNow(id)),
      },
    );
    const vectors = ['tags', 'shortTermTags'] as const;
    return Math.max(
      ...vectors.map((vector) => largestGap(weightsOf(answer[vector]), weightsOf(wanted[vector]))),
    );
  }

  async match(userId: string, shopId: string) {
    const { state, rules } = this.#replay;
    const getMatch = createGetMatch({
      overrides: NO_OVERRIDES,
      reads: this.#reads((id) => this.#personOf(id, this.#fold(id))),
      state,
      weights: rules.weights,
      clock: { nowMs: () => Date.now() },
    });
    return fromMatchReport(await getMatch({ userId, shopId, language: 'en' }));
  }

  async #tags(
    subject: TagSubject,
    { nowMs, personOf }: { nowMs: number; personOf: (userId: string) => Person },
  ): Promise<TagsAnswer> {
    const getTags = createGetTags({
      overrides: NO_OVERRIDES,
      reads: this.#reads(personOf),
      state: this.#replay.state,
      weights: STARTING_WEIGHTS,
      clock: { nowMs: () => nowMs },
    });
    return fromTagReport(await getTags({ subject, limit: 200 }));
  }

  #reads(personOf: (userId: string) => Person) {
    return {
      person: async (userId: string) => ({ person: personOf(userId), watermark: undefined }),
      items: async () => undefined,
    };
  }

  #personOf(userId: string, state: UserState | undefined): Person {
    return { state, told: toldTraits(this.#replay.users.get(userId)), appliedSeq: 0 };
  }

  #fold(userId: string): UserState | undefined {
    const { histories, rules } = this.#replay;
    const own = idsOf(userId).flatMap((id) => histories.get(id) ?? []);
    if (own.length === 0) return undefined;
    const folded = this.#folded.get(userId) ?? foldHistory(userId, own, rules);
    this.#folded.set(userId, folded);
    return folded;
  }
}

/** Near ties may stand in another order. */
function byTag(answer: TagsAnswer): TagsAnswer {
  const sorted = (tags: TagsAnswer['tags']) => [...tags].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  return { ...answer, tags: sorted(answer.tags), shortTermTags: sorted(answer.shortTermTags) };
}

function weightsOf(tags: TagsAnswer['tags']): Map<string, number> {
  return new Map(tags.map(({ tag, weight }) => [tag, weight]));
}

function largestGap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const gaps = [...new Set([...a.keys(), ...b.keys()])].map((tag) =>
    Math.abs((a.get(tag) ?? 0) - (b.get(tag) ?? 0)),
  );
  return Math.max(0, ...gaps);
}
