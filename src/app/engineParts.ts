import type { Behaviour, BehaviourContext } from '../behaviour/behaviour.js';
import { extractQueryTags } from '../catalog/extractTags.js';
import { UnavailableError } from '../core/errors.js';
import { PARTITIONS } from '../core/partitions.js';
import { toldTraits } from '../identity/toldTraits.js';
import type { User } from '../identity/user.js';
import { LogFollower } from '../projection/logFollower.js';
import { ProjectedPeople } from '../projection/projectedPeople.js';
import type { ProjectionStore } from '../projection/projectionStore.js';
import { newOwnerName, Projector } from '../projection/projector.js';
import { MemoryOnlineState } from '../stores/memory/memoryOnlineState.js';
import { createContextOf } from '../tags/behaviourContext.js';
import { type EngineOptions, type Engines, openEngines } from './engines.js';
import { HabitsWatch } from './habitsWatch.js';
import type { Parts, PartsOptions } from './parts.js';
import { readDescribed, readShops, readTouchPersons } from './projectedPersons.js';
import { untilPersonsProjected, untilUsersProjected } from './untilProjected.js';

/** People whose past the fold over products and shops keeps at hand. */
const PEOPLE_IN_FOLD = 50_000;
/** How long a page render waits for the person before it goes on without. */
const READ_PERSON_MS = 100;
/** How long a start waits for every partition to be ready before it serves all the same. */
const READY_WAIT_MS = 60_000;
/** How long whoever looks at the progress waits for an engine. */
const LOOK_MS = 1_000;
const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/**
 * Real engines: PostgreSQL is the truth, Redis holds people and their touches, products and shops
 * are folded from the log in this process. Any number of such processes may run beside each other;
 * each carries its share of the partitions from the truth into Redis.
 */
export async function openEngineParts(options: PartsOptions & EngineOptions): Promise<Parts> {
  const { weights, segmenter, log, observer } = options;
  const trouble = createTroubleLog(log);
  const engines = await openEngines({ ...options, onRedisTrouble: (cause) => trouble('redis', cause) });
  const { truth, catalog, projectionStore, source, shopOf } = engines;
  const queryTags = (query: string) => extractQueryTags(query, segmenter);
  const state = new MemoryOnlineState({
    catalog,
    weights,
    queryTags,
    people: { most: PEOPLE_IN_FOLD, load: (past) => truth.behaviourLog.readOfUsers(past) },
  });
  // What a start replays has long been visible elsewhere, and says nothing of freshness.
  let isCaughtUp = false;
  const follower = new LogFollower({
    read: source.readBehaviours,
    apply: (rows) => state.apply(rows),
    appliedSeq: () => state.appliedSeq(),
    onApplied: (rows) => {
      if (isCaughtUp) observer?.onVisible('items', rows);
    },
    onTrouble: (cause) => trouble('follow the log', cause),
  });
  const projector = new Projector({
    store: projectionStore,
    source,
    owner: newOwnerName(),
    ledgerSettleMs: options.ledgerSettleMs,
    onApplied: (rows) => observer?.onVisible('people', rows),
    onBuilt(built) {
      observer?.onBuilt(built.partitions.length);
      log.info(built, 'partitions built from the truth');
    },
    onTrouble: trouble,
    elapsedMs: () => performance.now(),
  });
  try {
    const total = await truth.behaviourLog.count();
    await follower.catchUp((done) => options.onReplay?.(done, total));
    isCaughtUp = true;
  } catch (error) {
    await engines.close();
    throw error;
  }
  engines.catalogFollower.start((cause) => trouble('follow the catalogue', cause));
  follower.start();
  projector.start();
  const habits = new HabitsWatch({
    ledger: truth.touchLedger,
    store: engines.touchStore,
    peopleOf: engines.learnerPeople,
    habits: truth.habitsStore,
    history: engines.learningHistory,
    clock: options.clock,
    onTrouble: (cause) => trouble('look at habits', cause),
  });
  habits.start();
  await untilReady(projectionStore, log);

  const people = new ProjectedPeople({
    store: projectionStore,
    rules: {
      weights,
      facts: { productFacts: (id, revision) => catalog.productFacts(id, revision), queryTags },
      shopOf,
    },
    revisions: {
      isKnown: (id, revision) => catalog.knowsRevision(id, revision),
      catchUp: () => engines.catalogFollower.catchUp(),
    },
  });
  /** What is in the truth follows whenever it can: whoever told it is answered all the same. */
  async function waitFor(what: string, projected: Promise<boolean>): Promise<void> {
    try {
      if (!(await projected)) trouble(`wait for ${what}`, new UnavailableError('not projected in time'));
    } catch (cause) {
      trouble(`wait for ${what}`, cause);
    }
  }
  return {
    truth,
    catalog,
    state,
    people: { readPerson: (userId) => inTime(people.readPerson(userId), READ_PERSON_MS) },
    waitForItems: (seq, waitMs) => follower.waitFor(seq, waitMs),
    touchStore: engines.touchStore,
    async personsOf(userIds, { shops }) {
      const [persons, shopsOf] = await Promise.all([
        readTouchPersons(people, userIds),
        shops ? readShops(people, userIds, weights) : [],
      ]);
      return persons.map((person, i) => ({ ...person, ...(shopsOf[i] && { shops: shopsOf[i] }) }));
    },
    habitsOf: (traits) => engines.learningHistory.habitsOf(traits),
    onTouchesLogged: () => {},
    ledgerSettle: { withinMs: options.ledgerSettleMs, elapsedMs: () => performance.now() },
    contextsOf: createContextsOf({ ...engines, people, trouble }),
    onLogged: async () => {
      projector.wake();
      follower.wake();
    },
    async onUsersKept(users) {
      projector.wake();
      const userIds = users.map(({ userId }) => userId);
      await waitFor(
        'users',
        untilUsersProjected(userIds, { users: truth.userStore, store: projectionStore }),
      );
    },
    async onIdentitiesChanged(userIds) {
      projector.wake();
      await waitFor(
        'identities',
        untilPersonsProjected(userIds, { identities: truth.identityStore, people }),
      );
    },
    async progress() {
      // The end of the log first: what came since is not behind.
      const lastSeq = await quietly(truth.behaviourLog.lastSeq());
      const positions = await quietly(projectionStore.positions(ALL_PARTITIONS));
      return {
        lastSeq,
        peopleSeq: positions && Math.min(...positions.map(({ appliedSeq }) => appliedSeq)),
        itemsSeq: state.appliedSeq(),
        partitionsOwned: projector.ownedCount,
        partitionsUnready: positions?.filter(({ epoch }) => epoch === undefined).length,
      };
    },
    async close() {
      await habits.stop();
      await projector.stop();
      await follower.stop();
      await engines.catalogFollower.stop();
      await engines.close();
    },
  };
}

/**
 * Contexts to be logged: told traits from the truth, and from the projection where only another id of the person
 * was described. When that cannot be read the behaviour is logged all the same, with what is known.
 */
function createContextsOf({
  catalog,
  catalogFollower,
  truth,
  people,
  trouble,
}: Pick<Engines, 'catalog' | 'catalogFollower' | 'truth'> & {
  people: ProjectedPeople;
  trouble: (step: string, cause: unknown) => void;
}): Parts['contextsOf'] {
  return async function contextsOf(behaviours: readonly Behaviour[]): Promise<BehaviourContext[]> {
    const userIds = [...new Set(behaviours.map(({ userId }) => userId))];
    const isDescribed = ({ productId }: Behaviour): boolean =>
      productId === undefined || catalog.revisionAt(catalog.products.of(productId)) > 0;
    const [users] = await Promise.all([
      truth.userStore.getUsers(userIds),
      // Another server may have been told of the product a moment ago.
      behaviours.every(isDescribed) ? undefined : catalogFollower.catchUp(),
    ]);
    const unknown = userIds.filter((userId) => !users.has(userId));
    const described = await inTime(readDescribed(people, unknown), READ_PERSON_MS).catch((cause) => {
      trouble('read people for their behaviours', cause);
      return new Map<string, User>();
    });
    const contextOf = createContextOf({
      catalog,
      toldTraits: (userId) => toldTraits(users.get(userId) ?? described.get(userId)),
    });
    return behaviours.map(contextOf);
  };
}

function inTime<Result>(work: Promise<Result>, withinMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new UnavailableError(`the online state did not answer within ${withinMs} ms`));
    }, withinMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** What is only looked at may be away; the look ends soon all the same. */
function quietly<Result>(look: Promise<Result>): Promise<Result | undefined> {
  return inTime(look, LOOK_MS).catch(() => undefined);
}

/** Waits until every partition can be read, whoever owns it; an online store that is away does not hold up the start for ever. */
async function untilReady(
  store: Pick<ProjectionStore, 'positions'>,
  log: PartsOptions['log'],
): Promise<void> {
  const endMs = performance.now() + READY_WAIT_MS;
  while (performance.now() < endMs) {
    const positions = await store.positions(ALL_PARTITIONS).catch(() => undefined);
    if (positions === undefined) {
      log.warn({}, 'the online store cannot be read: serving without it until it can');
      return;
    }
    if (positions.every(({ epoch }) => epoch !== undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  log.warn({}, 'some partitions are still being built: serving the others');
}

/** One line a second for each thing that goes wrong, however often it does. */
function createTroubleLog(log: PartsOptions['log']): (step: string, cause: unknown) => void {
  const saidMs = new Map<string, number>();
  return (step, cause) => {
    const nowMs = performance.now();
    if (nowMs - (saidMs.get(step) ?? Number.NEGATIVE_INFINITY) < 1_000) return;
    saidMs.set(step, nowMs);
    log.warn({ step, err: cause }, 'an engine is in trouble; trying again');
  };
}
