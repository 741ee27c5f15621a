import type { App } from '../../../src/app.js';
import type { Behaviour } from '../../../src/behaviour/behaviour.js';
import { UnavailableError } from '../../../src/core/errors.js';
import { type RealEvents, shuffled } from './realEvents.js';

const IN_ORDER_BATCH = 500;
const LARGEST_BATCH = 600;
/** Of all events so many are sent once more, somewhere else. */
const DUPLICATE_SHARE = 0.2;
const CALLERS = 6;

export interface Sent {
  readonly accepted: number;
  readonly duplicate: number;
  readonly batches: number;
  /** Batches that were sent again because no answer came. */
  readonly retries: number;
}

/** Everything that behaviours refer to. */
export async function describeAll(app: App, { shops, products, users }: RealEvents): Promise<void> {
  for (const batch of batchesOf(shops, () => 1_000)) await app.useCases.upsertShops(batch);
  for (const batch of batchesOf(products, () => 1_000)) await app.useCases.upsertProducts(batch);
  for (const batch of batchesOf(users, () => 1_000)) await app.useCases.upsertUsers(batch);
}

/** One server, one caller, in the order of time. */
export async function sendInOrder(app: App, behaviours: readonly Behaviour[]): Promise<Sent> {
  return sendBatches(
    batchesOf(behaviours, () => IN_ORDER_BATCH),
    { apps: [app], callers: 1, random: () => 0 },
  );
}

/** Several servers and callers at once, in any order, in batches of any size, a fifth of it twice. */
export async function sendInAnyOrder(
  apps: readonly App[],
  { behaviours, random }: { behaviours: readonly Behaviour[]; random: () => number },
): Promise<Sent> {
  const again = behaviours.filter(() => random() < DUPLICATE_SHARE);
  const size = () => 1 + Math.floor(random() * LARGEST_BATCH);
  return sendBatches(batchesOf(shuffled([...behaviours, ...again], random), size), {
    apps,
    callers: CALLERS,
    random,
  });
}

async function sendBatches(
  batches: readonly Behaviour[][],
  { apps, callers, random }: { apps: readonly App[]; callers: number; random: () => number },
): Promise<Sent> {
  let [next, accepted, duplicate, retries] = [0, 0, 0, 0];
  const caller = async (): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; ) {
      const app = apps[Math.floor(random() * apps.length)] as App;
      const answer = await app.useCases.track(batch).catch((error: unknown) => {
        if (!(error instanceof UnavailableError)) throw error;
      });
      if (answer === undefined) {
        retries += 1;
        continue;
      }
      for (const { status } of answer.outcomes) {
        if (status === 'accepted') accepted += 1;
        else if (status === 'duplicate') duplicate += 1;
        else throw new Error('a real event was rejected');
      }
      batch = batches[next++];
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { accepted, duplicate, batches: batches.length, retries };
}

function batchesOf<Item>(items: readonly Item[], size: () => number): Item[][] {
  const batches: Item[][] = [];
  for (let start = 0; start < items.length; ) {
    const end = start + size();
    batches.push(items.slice(start, end));
    start = end;
  }
  return batches;
}
