import { createCatalogIndex } from '../catalog/catalogIndex.js';
import { extractQueryTags, extractTags } from '../catalog/extractTags.js';
import { PARTITIONS } from '../core/partitions.js';
import { UserDirectory } from '../identity/userDirectory.js';
import { MemoryOnlineState } from '../stores/memory/memoryOnlineState.js';
import { MemoryPeople } from '../stores/memory/memoryPeople.js';
import { MemoryTouchStore } from '../stores/memory/memoryTouchStore.js';
import type { Truth } from '../stores/postgres/openTruth.js';
import { createContextOf } from '../tags/behaviourContext.js';
import { shopWeights } from '../tags/shopWeights.js';
import { rebuildTouchStore } from '../touch/replayTouchLedger.js';
import { replayRetention } from '../touch/touchRetention.js';
import { createEmbeddedLearning } from './embeddedLearning.js';
import { createEmbeddedPersons } from './embeddedPersons.js';
import type { Parts, PartsOptions } from './parts.js';

/** Log rows replayed at a time. */
const REPLAY_PAGE = 2_000;

/**
 * Embedded mode: all online state is in this process, rebuilt from the truth at start. `Track`
 * counts what it acknowledges before it answers, so that everybody reads their own writes.
 */
export async function openEmbeddedParts(options: PartsOptions & { readonly truth: Truth }): Promise<Parts> {
  const { truth, clock, weights, segmenter } = options;
  const catalog = createCatalogIndex();
  const directory = new UserDirectory();
  const state = new MemoryOnlineState({
    catalog,
    weights,
    queryTags: (query) => extractQueryTags(query, segmenter),
  });
  const touchStore = new MemoryTouchStore();
  for await (const page of truth.catalogStore.allShops()) for (const shop of page) catalog.upsertShop(shop);
  for await (const page of truth.catalogStore.allProductRevisions()) {
    for (const revision of page) catalog.upsertProduct(revision, extractTags(revision.product, segmenter));
  }
  for await (const page of truth.userStore.allUsers()) for (const user of page) directory.put(user);
  const persons = createEmbeddedPersons({
    identities: truth.identityStore,
    log: truth.behaviourLog,
    directory,
    state,
  });
  await persons.begin();
  await replayBehaviours(truth, state, options.onReplay);
  const retentionMs = await replayRetention(truth.touchPolicyStore, options.policy);
  await rebuildTouchStore({
    ledger: truth.touchLedger,
    store: touchStore,
    pruneBeforeMs: clock.nowMs() - retentionMs(),
  });

  const learning = createEmbeddedLearning({
    truth,
    store: touchStore,
    clock,
    onTrouble: (cause) => options.log.warn({ err: cause }, 'learning waits for the truth'),
  });
  await learning.start();
  const contextOf = createContextOf({ catalog, toldTraits: (userId) => directory.traitsOf(userId) });
  return {
    truth,
    catalog,
    state,
    people: new MemoryPeople({ state, directory }),
    waitForItems: async (seq) => state.appliedSeq() >= seq,
    touchStore,
    personsOf: async (userIds, { shops }) =>
      userIds.map((userId) => {
        const { personId: homeId } = directory.personOf(userId);
        const past = shops ? state.userNow(userId) : undefined;
        return {
          homeId,
          timezone: directory.timezoneOf(userId),
          traits: directory.traitsOf(userId),
          ...(past !== undefined && { shops: shopWeights(past, weights) }),
        };
      }),
    habitsOf: (traits) => learning.habitsOf(traits),
    onTouchesLogged: () => learning.onTouchesLogged(),
    contextsOf: async (behaviours) => behaviours.map(contextOf),
    onLogged: (logged) => state.apply(logged),
    async onUsersKept(users) {
      for (const user of users) directory.put(user);
      learning.changed(users.map(({ userId }) => userId));
    },
    async onIdentitiesChanged(userIds) {
      await persons.follow(userIds);
      learning.changed(userIds);
    },
    progress: async () => ({
      lastSeq: await truth.behaviourLog.lastSeq().catch(() => undefined),
      peopleSeq: state.appliedSeq(),
      itemsSeq: state.appliedSeq(),
      partitionsOwned: PARTITIONS,
      partitionsUnready: 0,
    }),
    async close() {
      await learning.stop();
      await truth.close();
    },
  };
}

async function replayBehaviours(
  truth: Truth,
  state: MemoryOnlineState,
  onReplay: PartsOptions['onReplay'],
): Promise<void> {
  const total = await truth.behaviourLog.count();
  let done = 0;
  for (;;) {
    const page = await truth.behaviourLog.read({ afterSeq: state.appliedSeq(), limit: REPLAY_PAGE });
    if (page.length === 0) return;
    await state.apply(page);
    done += page.length;
    onReplay?.(done, total);
  }
}
