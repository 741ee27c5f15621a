import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../../src/app.js';
import { seededRandom } from '../../../src/core/random.js';
import { RedisClient } from '../../../src/stores/redis/redisClient.js';
import { RedisProjectionStore } from '../../../src/stores/redis/redisProjectionStore.js';
import { startEngines } from '../../support/engines.js';
import { untilProjected } from '../chaos/heal.js';
import type { Check } from '../checks/check.js';
import { table } from '../report.js';
import { compareOrders, compareToTheBit } from './compareItems.js';
import { comparePeople } from './comparePeople.js';
import { findSets, readRealEvents } from './realEvents.js';
import { describeAll, sendInAnyOrder, sendInOrder } from './sendEvents.js';

export interface PermutationOptions {
  readonly seed: number;
  readonly events: number;
  readonly sets: readonly string[];
  readonly say: (line: string) => void;
}

/**
 * Real events twice: by time through one server, and in any order, a fifth of them twice, in random
 * batches through two. People must be equal to the bit, products and shops as far as is promised.
 * Whether everything held; undefined when the data is not on this machine.
 */
export async function runPermutation({
  seed,
  events,
  sets,
  say,
}: PermutationOptions): Promise<boolean | undefined> {
  const { folders, missing } = findSets(sets);
  if (missing.length > 0) {
    say(`skipped: ${missing.join(', ')} not here (TAGRANK_DATASETS names the folder that holds them)`);
    return undefined;
  }
  const startMs = performance.now();
  const real = await readRealEvents(folders, { count: events, seed });
  say(`${real.behaviours.length} events of ${sets.join(', ')}, seed ${seed}`);
  const [ordered, mixed] = await Promise.all([startEngines(), startEngines()]);
  const stores = [ordered, mixed].map(
    ({ redis }) => new RedisProjectionStore({ client: new RedisClient({ url: redis.url }) }),
  ) as [RedisProjectionStore, RedisProjectionStore];
  try {
    const one = await ordered.openApp();
    const two = [await mixed.openApp(), await mixed.openApp()] as const;
    await describeAll(one, real);
    await describeAll(two[0], real);
    const inOrder = await sendInOrder(one, real.behaviours);
    say(`in order: ${inWords(inOrder)}`);
    const inAnyOrder = await sendInAnyOrder(two, { ...real, random: seededRandom(seed + 1) });
    say(`in any order: ${inWords(inAnyOrder)}`);
    await untilCounted([one], stores[0]);
    await untilCounted(two, stores[1]);

    const userIds = [...new Set(real.behaviours.map(({ userId }) => userId))];
    const nowMs = Math.max(...real.behaviours.map(({ occurredAtMs }) => occurredAtMs));
    const reference = { app: one, store: stores[0] };
    const [a, b] = two.map((app) => ({ app, store: stores[1] })) as [typeof reference, typeof reference];
    const checks = [
      await checkLogged([one, two[0]], real.behaviours.length),
      await comparePeople(userIds, { name: 'server a', side: a, reference, nowMs }),
      await comparePeople(userIds, { name: 'server b', side: b, reference, nowMs }),
      compareToTheBit({ name: 'server a and b', side: a.app.state, reference: b.app.state, nowMs }),
      ...compareOrders({ name: 'any order', side: a.app.state, reference: one.state, nowMs }),
    ];
    say('');
    for (const line of table(
      checks.map(({ name, compared, violations }) => [
        name,
        `${violations.length === 0 ? 'ok' : 'VIOLATED'}  ${compared}`,
      ]),
    )) {
      say(line);
    }
    const violations = checks.flatMap((check) => check.violations);
    say('');
    say(
      `${violations.length === 0 ? 'everything held' : 'VIOLATED'} (seed ${seed}, ${Math.round((performance.now() - startMs) / 1_000)} s)`,
    );
    for (const violation of violations.slice(0, 30)) say(`  ${violation}`);
    return violations.length === 0;
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all([ordered.stop(), mixed.stop()]);
  }
}

/** Each event is once in the log, however often and in whatever order it was sent. */
async function checkLogged(apps: readonly App[], events: number): Promise<Check> {
  const logged = await Promise.all(apps.map(({ truth }) => truth.behaviourLog.count()));
  return {
    name: 'log',
    compared: `${logged.join(' and ')} of ${events} events`,
    violations: logged.every((count) => count === events) ? [] : ['not every event is once in the log'],
  };
}

function inWords({ accepted, duplicate, batches, retries }: Awaited<ReturnType<typeof sendInOrder>>): string {
  return `${accepted} accepted, ${duplicate} duplicate, in ${batches} batches, ${retries} of them sent again for want of an answer`;
}

/** Resolves when the store and every server count all of the log. */
async function untilCounted(apps: readonly App[], store: RedisProjectionStore): Promise<void> {
  const [{ truth }] = apps as [App];
  await untilProjected({ truth, store });
  const last = await truth.behaviourLog.lastSeq();
  for (const { state } of apps) while (state.appliedSeq() < last) await sleep(50);
}
