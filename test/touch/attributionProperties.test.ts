import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailedPreconditionError, NotFoundError, UnavailableError } from '../../src/core/errors.js';
import type { EpochMs } from '../../src/core/time.js';
import { createLinkIdentity, createUnlinkIdentity, idsOfPerson } from '../../src/identity/linkIdentity.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { migrate } from '../../src/stores/postgres/migrate.js';
import { MIGRATIONS } from '../../src/stores/postgres/migrations/index.js';
import { type Truth, truthOn } from '../../src/stores/postgres/openTruth.js';
import { openPglite } from '../../src/stores/postgres/pglite.js';
import type { Sql } from '../../src/stores/postgres/sql.js';
import { createAttributeOrder } from '../../src/touch/attributeOrder.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { newPermitId } from '../../src/touch/permitId.js';
import type { ReachedTouch } from '../../src/touch/reachedTouches.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import { createSettleTouches } from '../../src/touch/settleTouches.js';
import type { TouchDependencies } from '../../src/touch/touchDependencies.js';
import type { TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import { NOON_MS } from '../support/builders.js';
import { steppableClock } from '../support/clock.js';
import { ownerByOracle, type SentTouch } from './attributionOracle.js';
import { aPolicy, DAY, HOUR, MINUTE } from './builders.js';
import { plainReached } from './plainHistory.js';

const END = { atMs: Number.MAX_SAFE_INTEGER, seq: 0 };
/** A shop, and the platform itself. */
const SHOPS = ['kiln', undefined];

let sql: Sql;
let truth: Truth;
beforeAll(async () => {
  sql = await openPglite('memory');
  await migrate(sql, MIGRATIONS);
  truth = truthOn(sql);
}, 30_000);
afterAll(() => sql.close());

let worlds = 0;

/** The ledger failed; the permit is forgotten by now; it was released. */
const NOT_DONE = [UnavailableError, NotFoundError, FailedPreconditionError];

/** The use cases on the truth, with people nobody met before, and what was sent as the test saw it. */
class AttributionWorld {
  readonly clock = steppableClock();
  sent: SentTouch[] = [];
  readonly #acknowledged = new Map<string, EpochMs>();
  readonly #startSeq: number;
  readonly users: readonly string[];
  /** Whether the next append fails, before or after it is done. */
  fails: 'no' | 'undone' | 'done' = 'no';
  /** Of each user, whose person they are. */
  readonly #person = new Map<string, string>();
  readonly #commit;
  readonly #release;
  readonly #reserve;
  readonly #link;
  readonly #unlink;
  readonly #attribute;
  #requests = 0;
  #unlinks = 0;

  constructor(startSeq: number) {
    worlds += 1;
    this.#startSeq = startSeq;
    this.users = ['ann', 'bo', '陈'].map((name) => `${name} ${worlds}`);
    for (const userId of this.users) this.#person.set(userId, userId);
    const identities = truth.identityStore;
    const deps: TouchDependencies = {
      store: new MemoryTouchStore(),
      ledger: { append: (entries) => this.#append(entries) },
      policy: () => aPolicy(),
      clock: this.clock,
      personOf: async (userId) => ({
        homeId: (await identities.personOf([userId])).get(userId) ?? userId,
        timezone: 'UTC',
      }),
      settleTouches: (userId) => settleTouches(userId),
    };
    const settleTouches = createSettleTouches({
      ...deps,
      ledger: { ...truthLedger(), ...deps.ledger },
      identities,
    });
    const linking = { identities, onChanged: async () => {}, settleTouches, clock: this.clock };
    this.#reserve = createReserveTouch(deps);
    this.#commit = createCommitTouch(deps);
    this.#release = createReleaseTouch(deps);
    this.#link = createLinkIdentity(linking);
    this.#unlink = createUnlinkIdentity(linking);
    this.#attribute = createAttributeOrder({
      reachedTouches: truth.reachedTouches,
      idsOf: async (userId) => (await idsOfPerson(identities, userId)).map((id) => id.userId),
      clock: { nowMs: () => Number.MAX_SAFE_INTEGER / 2 },
    });
  }

  async reserve(user: number, shopId: string | undefined): Promise<SentTouch> {
    const userId = this.users[user] as string;
    const question = { userId, channel: 'push', ...(shopId !== undefined && { shopId }) };
    const { permit } = await this.#reserve({ requestId: `r${++this.#requests}`, question });
    return { permitId: permit?.permitId ?? '', userId, ...(shopId !== undefined && { shopId }), atMs: 0 };
  }

  /** What is not done is not acknowledged. */
  async commit(touch: SentTouch): Promise<void> {
    try {
      const { committedAtMs } = await this.#commit(touch);
      const known = this.#acknowledged.get(touch.permitId);
      expect(committedAtMs).toBe(known ?? committedAtMs);
      this.#acknowledged.set(touch.permitId, committedAtMs);
    } catch (error) {
      if (!NOT_DONE.some((kind) => error instanceof kind)) throw error;
    }
  }

  isAcknowledged({ permitId }: SentTouch): boolean {
    return this.#acknowledged.has(permitId);
  }

  /** What was sent by the ledger, in its order: all that was acknowledged, once and at that moment. */
  async readSent(): Promise<void> {
    const entries = await truth.touchLedger.read({ afterSeq: this.#startSeq, limit: 10_000 });
    this.sent = plainReached(entries).sort((x, y) => x.seq - y.seq);
    for (const [permitId, atMs] of this.#acknowledged) {
      expect(this.sent.filter((touch) => touch.permitId === permitId)).toMatchObject([{ atMs }]);
    }
  }

  async release(touch: SentTouch): Promise<void> {
    await this.#release(touch);
  }

  async link(user: number, other: number): Promise<void> {
    const [userId, otherId] = [this.users[user] as string, this.users[other] as string];
    await this.#link({ userId, identity: { value: otherId } });
    const [from, to] = [this.#person.get(otherId), this.#person.get(userId) as string];
    for (const [id, person] of this.#person) if (person === from) this.#person.set(id, to);
  }

  async unlink(user: number): Promise<void> {
    const userId = this.users[user] as string;
    await this.#unlink(userId);
    const others = this.users.filter(
      (id) => id !== userId && this.#person.get(id) === this.#person.get(userId),
    );
    // A name of their own: an id may be taken out of two persons, one after the other.
    const rest = `rest of ${++this.#unlinks}`;
    for (const id of others) this.#person.set(id, rest);
    this.#person.set(userId, userId);
  }

  async checkOrder(order: {
    user: number;
    shopId: string | undefined;
    orderedAtMs: number;
    windowMs: number;
  }) {
    const userId = this.users[order.user] as string;
    const asked = { shopId: order.shopId, orderedAtMs: order.orderedAtMs, windowMs: order.windowMs };
    const found = await this.#attribute({ userId, ...asked });
    const userIds = this.users.filter((id) => this.#person.get(id) === this.#person.get(userId));
    const isReached = found.reason !== 'never_reached';
    expect({
      owner: found.reason === 'first_in_window' ? found.first.permitId : undefined,
      first: isReached ? found.first.permitId : undefined,
      last: isReached ? found.last.permitId : undefined,
    }).toEqual(ownerByOracle(this.sent, { ...asked, userIds }));
  }

  async #append(entries: readonly TouchLedgerEntry[]): Promise<void> {
    const fails = this.fails;
    this.fails = 'no';
    if (fails === 'undone') throw new Error('disk full');
    await truth.touchLedger.append(entries);
    if (fails === 'done') throw new Error('connection lost');
  }
}

/** What else moving touches may ask the ledger. */
function truthLedger() {
  return { wordsOf: (userIds: readonly string[]) => truth.touchLedger.wordsOf(userIds) };
}

type Step = (world: AttributionWorld, held: SentTouch[]) => Promise<void>;

const user = fc.nat(2);
const shop = fc.constantFrom(...SHOPS);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(user, shop).map(
      ([who, shopId]): Step =>
        async (world, held) =>
          void held.push(await world.reserve(who, shopId)),
    ),
  },
  {
    // In time, late, once more, or for the first time after the ledger failed.
    weight: 6,
    arbitrary: fc.tuple(fc.nat(20), fc.constantFrom('no', 'no', 'undone', 'done')).map(
      ([which, fails]): Step =>
        async (world, held) => {
          const touch = held[which % Math.max(1, held.length)];
          if (touch === undefined) return;
          world.fails = fails;
          await world.commit(touch);
          world.fails = 'no';
        },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(MINUTE, HOUR, DAY, 3 * DAY, -HOUR).map(
      (ms): Step =>
        async (world) =>
          world.clock.stepMs(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>(async (world, held) => {
      const touch = held.find((each) => !world.isAcknowledged(each));
      // One that the ledger failed to take is committed all the same, and one may be forgotten.
      await (touch && world.release(touch).catch(() => undefined));
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(user, user).map(
      ([a, b]): Step =>
        async (world) =>
          world.link(a, b),
    ),
  },
  {
    weight: 1,
    arbitrary: user.map(
      (who): Step =>
        async (world) =>
          world.unlink(who),
    ),
  },
);

describe('orders after random histories', () => {
  it('C7: belong to whom the sentence says, whatever was linked, repeated, late or lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 50 }),
        fc.array(
          fc.record({
            user,
            shopId: shop,
            afterMs: fc.oneof(fc.integer({ min: -HOUR, max: 30 * DAY }), fc.constantFrom(0, DAY, 7 * DAY)),
            windowMs: fc.constantFrom(MINUTE, HOUR, DAY, 7 * DAY),
          }),
          { minLength: 8, maxLength: 8 },
        ),
        async (steps, orders) => {
          const world = new AttributionWorld(await truth.touchLedger.lastSeq());
          const held: SentTouch[] = [];
          for (const act of steps) await act(world, held);
          await world.readSent();
          for (const { afterMs, ...order } of orders) {
            await world.checkOrder({ ...order, orderedAtMs: NOON_MS + afterMs });
          }
          for (const { atMs, userId, shopId } of world.sent.slice(0, 4)) {
            for (const orderedAtMs of [atMs - 1, atMs, atMs + DAY - 1, atMs + DAY]) {
              await world.checkOrder({
                user: world.users.indexOf(userId),
                shopId,
                orderedAtMs,
                windowMs: DAY,
              });
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  it('C7: looks as far back as it must where a shop never pauses for as long as the window', async () => {
    const world = new AttributionWorld(await truth.touchLedger.lastSeq());
    const userId = world.users[0] as string;
    const entries = Array.from({ length: 450 }, (_, n): TouchLedgerEntry[] => {
      const permitId = newPermitId({ userId, channel: 'push' });
      const atMs = NOON_MS + n * 5 * HOUR;
      world.sent.push({ permitId, userId, shopId: 'kiln', atMs });
      return [
        {
          kind: 'reserved',
          userId,
          requestId: permitId,
          permitId,
          channel: 'push',
          campaignType: 'routine',
          shopId: 'kiln',
          atMs,
          expiresAtMs: atMs + 1,
          policyVersion: 0,
          ruleId: 'no_rule',
          reason: 'within_caps',
        },
        { kind: 'committed', userId, permitId, atMs, late: false },
      ];
    });
    await truth.touchLedger.append(entries.flat());
    for (const windowMs of [HOUR, 6 * HOUR, 7 * DAY, 99 * DAY]) {
      for (const orderedAtMs of [NOON_MS, NOON_MS + 40 * DAY, NOON_MS + 90 * DAY]) {
        await world.checkOrder({ user: 0, shopId: 'kiln', orderedAtMs, windowMs });
      }
    }
  });

  it('C7: what was sent can be made anew from the ledger, the same to the last field', async () => {
    const everything = async (): Promise<ReachedTouch[]> => {
      const all: ReachedTouch[] = [];
      const rows = await sql.query<{ user_id: string; shop_id: string }>(
        'SELECT DISTINCT user_id, shop_id FROM reached_touches ORDER BY user_id, shop_id',
      );
      for (const { user_id, shop_id } of rows) {
        const asked = { userIds: [user_id], ...(shop_id !== '' && { shopId: shop_id }), before: END };
        all.push(...(await truth.reachedTouches.readBack({ ...asked, limit: 1_000 })));
      }
      return all;
    };
    const before = await everything();
    expect(before.length).toBeGreaterThan(450);
    await sql.exec('DELETE FROM reached_touches WHERE seq % 3 = 0');
    const added = await truth.reachedTouches.repair();
    expect(added).toBeGreaterThan(0);
    expect(await everything()).toStrictEqual(before);
    await sql.exec('DELETE FROM reached_touches');
    expect(await truth.reachedTouches.repair()).toBe(before.length);
    expect(await everything()).toStrictEqual(before);
    expect(await truth.reachedTouches.repair()).toBe(0);
  });
});
