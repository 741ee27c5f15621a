import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEmbeddedPersons } from '../../src/app/embeddedPersons.js';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { extractQueryTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { UserDirectory } from '../../src/identity/userDirectory.js';
import { MemoryOnlineState } from '../../src/stores/memory/memoryOnlineState.js';
import { applyToUser, emptyUserState, type UserState } from '../../src/tags/userState.js';
import { HISTORY_END_MS, historyCatalog, someHistory } from '../behaviour/histories.js';
import { aUser, NOON_MS } from '../support/builders.js';
import { PlainIdentities } from '../support/plainIdentities.js';
import { expectSameReadings } from '../support/readings.js';
import { userReadings } from '../support/userReadings.js';

const IDS = [...'abcdef'];
const segmenter = createTitleSegmenter();
const queryTags = (query: string) => extractQueryTags(query, segmenter);

/** Embedded mode without a database: a log in a list, and persons that follow the identities. */
class World {
  readonly rows: LoggedBehaviour[] = [];
  readonly identities = new PlainIdentities();
  readonly directory = new UserDirectory();
  readonly state = new MemoryOnlineState({ catalog: historyCatalog(), weights: STARTING_WEIGHTS, queryTags });
  readonly persons;
  readonly #slowness: () => number;

  constructor(slowness: () => number = () => 0) {
    this.#slowness = slowness;
    this.persons = createEmbeddedPersons({
      identities: this.identities,
      log: {
        lastSeq: async () => {
          await this.#later();
          return this.rows.at(-1)?.seq ?? 0;
        },
        readOfUsers: async ({ userIds, throughSeq }) => {
          await this.#later();
          return this.rows.filter(
            ({ behaviour, seq }) => userIds.includes(behaviour.userId) && seq <= throughSeq,
          );
        },
      },
      directory: this.directory,
      state: this.state,
    });
  }

  /** Committed at once, counted some time later: concurrent calls are counted in any order. */
  async track(logged: LoggedBehaviour): Promise<void> {
    this.rows.push(logged);
    await this.#later();
    await this.state.apply([logged]);
  }

  async link(userId: string, otherId: string): Promise<void> {
    await this.identities.link({ userId, otherId, nowMs: NOON_MS });
    await this.persons.follow([userId, otherId]);
  }

  async unlink(userId: string): Promise<void> {
    await this.identities.unlink({ otherId: userId, nowMs: NOON_MS });
    await this.persons.follow([userId]);
  }

  /** A fold of all that the ids of a person did, once. */
  async expected(userId: string): Promise<UserState | undefined> {
    const personId = (await this.identities.personOf([userId])).get(userId) ?? userId;
    const members = (await this.identities.membersOf(personId)).map((member) => member.userId);
    const own = this.rows.filter(({ behaviour }) => members.includes(behaviour.userId));
    if (own.length === 0) return undefined;
    const state = emptyUserState(personId);
    const { catalog } = this.state;
    const facts = { productFacts: catalog.productFacts.bind(catalog), queryTags };
    for (const logged of own) applyToUser(state, logged, { weights: STARTING_WEIGHTS, facts });
    return state;
  }

  async expectWhole(): Promise<void> {
    for (const userId of IDS) {
      const [actual, expected] = [this.state.userNow(userId), await this.expected(userId)];
      expect(actual === undefined).toBe(expected === undefined);
      if (actual === undefined || expected === undefined) continue;
      expectSameReadings(userReadings(actual, HISTORY_END_MS), userReadings(expected, HISTORY_END_MS));
      expect(actual.recent).toEqual(expected.recent);
    }
  }

  async #later(): Promise<void> {
    for (let turns = this.#slowness(); turns > 0; turns -= 1) await nextTurn();
  }
}

const id = fc.constantFrom(...IDS);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ link: fc.constant(true), id, other: id }) },
  { weight: 1, arbitrary: fc.record({ link: fc.constant(false), id, other: id }) },
);
const historyOfMany = someHistory.chain((history) =>
  fc.array(id, { minLength: history.length, maxLength: history.length }).map((users) =>
    history.map(
      (logged, i): LoggedBehaviour => ({
        ...logged,
        behaviour: { ...logged.behaviour, userId: users[i] as string },
      }),
    ),
  ),
);

describe('persons of several ids in embedded mode', () => {
  it('T7: property: a person is the fold of what all their ids did, once, while ids and events change', () =>
    fc.assert(
      fc.asyncProperty(
        historyOfMany,
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat(5)),
        fc.infiniteStream(fc.nat(3)),
        async (history, changes, turns, pauses) => {
          const world = new World(() => turns.next().value ?? 0);
          const under: Promise<void>[] = [];
          for (let i = 0; i < Math.max(history.length, changes.length); i += 1) {
            const [logged, next] = [history[i], changes[i]];
            if (logged !== undefined) under.push(world.track(logged));
            if (next !== undefined) {
              under.push(next.link ? world.link(next.id, next.other) : world.unlink(next.id));
            }
            for (let pause = pauses.next().value ?? 0; pause > 0; pause -= 1) await nextTurn();
          }
          await Promise.all(under);
          await world.expectWhole();
        },
      ),
      { numRuns: 150 },
    ));

  it('T7: property: a start puts all persons together while the log is replayed', () =>
    fc.assert(
      fc.asyncProperty(
        historyOfMany,
        fc.array(change, { minLength: 1, maxLength: 12 }),
        async (history, changes) => {
          const world = new World();
          for (const next of changes) {
            if (next.link)
              await world.identities.link({ userId: next.id, otherId: next.other, nowMs: NOON_MS });
            else await world.identities.unlink({ otherId: next.id, nowMs: NOON_MS });
          }
          await world.persons.begin();
          world.rows.push(...history);
          await world.state.apply(history);
          await world.expectWhole();
        },
      ),
      { numRuns: 50 },
    ));

  it('T7: products and shops go by the id that a behaviour came with, whoever is linked when', async () => {
    const [history] = fc.sample(historyOfMany, { numRuns: 1, seed: 7 });
    const [linked, unlinked] = [new World(), new World()];
    await linked.link('a', 'b');
    for (const logged of history ?? []) {
      await linked.track(logged);
      await unlinked.track(logged);
    }
    await linked.link('a', 'c');
    for (const productId of ['linen', 'silk', 'kettle']) {
      const ordinal = linked.state.catalog.ensureProduct(productId);
      expect(linked.state.productState(ordinal)).toEqual(unlinked.state.productState(ordinal));
    }
    expect(linked.state.population).toEqual(unlinked.state.population);
  });

  it('T7: who is parted between the two steps of a reading is nobody else any more', async () => {
    const world = new World();
    const [history] = fc.sample(historyOfMany, { numRuns: 1, seed: 7 });
    for (const logged of history ?? []) await world.track(logged);
    await world.link('b', 'a');
    const { identities } = world;
    const membersOfAll = identities.membersOfAll.bind(identities);
    identities.membersOfAll = async (personIds) => {
      identities.membersOfAll = membersOfAll;
      await identities.unlink({ otherId: 'b', nowMs: NOON_MS });
      return membersOfAll(personIds);
    };
    await world.link('b', 'a');
    await world.persons.follow(['b']);
    await world.expectWhole();
    expect(world.directory.personOf('a').memberIds).toEqual(['a']);
  });

  it('T7: when the log cannot be read, people stay who they were, and a repeat puts them together', async () => {
    const world = new World();
    const [first] = fc.sample(historyOfMany, { numRuns: 1, seed: 1 });
    for (const logged of first ?? []) await world.track(logged);
    const { rows } = world;
    const before = world.state.userNow('a');
    Object.defineProperty(world, 'rows', {
      configurable: true,
      get: () => {
        throw new Error('the disk is gone');
      },
    });
    await expect(world.link('a', 'b')).rejects.toThrow('the disk is gone');
    expect(world.state.userNow('a')).toBe(before);
    Object.defineProperty(world, 'rows', { value: rows });
    await world.link('a', 'b');
    await world.expectWhole();
  });

  it('T7: what was told of one id holds for the others that have no word of their own', async () => {
    const world = new World();
    world.directory.put(aUser({ userId: 'b', region: 'north', timezone: 'Asia/Shanghai' }));
    world.directory.put(aUser({ userId: 'c', region: 'south', ageBand: '25-29' }));
    await world.link('a', 'c');
    await world.link('a', 'b');
    expect(world.directory.traitsOf('a')).toEqual({ region: 'north' });
    expect(world.directory.traitsOf('c')).toEqual({ region: 'south', age_band: '25-29' });
    expect(world.directory.timezoneOf('c')).toBe('Asia/Shanghai');
    world.directory.put(aUser({ userId: 'a', region: 'west' }));
    expect(world.directory.traitsOf('a')).toEqual({ region: 'west' });
    // One day and one night under all of them: that of the id that the person is named after.
    world.directory.put(aUser({ userId: 'c', region: 'south', ageBand: '25-29', timezone: 'Europe/Oslo' }));
    expect(['a', 'b', 'c'].map((id) => world.directory.timezoneOf(id))).toEqual(
      Array(3).fill('Asia/Shanghai'),
    );
    world.directory.put(aUser({ userId: 'a', region: 'west', timezone: 'America/Lima' }));
    expect(['a', 'b', 'c'].map((id) => world.directory.timezoneOf(id))).toEqual(
      Array(3).fill('America/Lima'),
    );
    world.directory.put(aUser({ userId: 'a', region: 'west' }));
    world.directory.put(aUser({ userId: 'c', region: 'south' }));
    await world.unlink('b');
    expect(world.directory.timezoneOf('c')).toBeUndefined();
  });
});
