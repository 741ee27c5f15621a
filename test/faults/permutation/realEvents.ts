import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Behaviour } from '../../../src/behaviour/behaviour.js';
import type { Product } from '../../../src/catalog/product.js';
import type { Shop } from '../../../src/catalog/shop.js';
import { type DataSet, readDataSet } from '../../../src/cli/readDataSet.js';
import { seededRandom } from '../../../src/core/random.js';
import type { User } from '../../../src/identity/user.js';
import { createProgressBar } from '../../../src/importing/progressBar.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What real people did, and what it was done to. */
export interface RealEvents {
  /** By time. */
  readonly behaviours: readonly Behaviour[];
  readonly shops: readonly Shop[];
  /** Those that are acted on. */
  readonly products: readonly Product[];
  readonly users: readonly User[];
}

/** The folders of the sets, or the names of those that this machine does not have. */
export function findSets(names: readonly string[]): { folders: string[]; missing: string[] } {
  const development = process.env.TAGRANK_DATASETS || '../shared/data';
  const folders = names.map((name) => resolve(ROOT, development, name));
  return {
    folders: folders.filter((folder) => existsSync(folder)),
    missing: names.filter((_, i) => !existsSync(folders[i] as string)),
  };
}

/** `count` events of these folders in equal parts, as far as each has them, chosen at random. */
export async function readRealEvents(
  folders: readonly string[],
  { count, seed }: { count: number; seed: number },
): Promise<RealEvents> {
  const bar = createProgressBar(process.stderr);
  const sets: DataSet[] = [];
  for (const folder of folders) sets.push(ofItsOwn(await readDataSet(folder, bar), basename(folder)));
  bar.stop();
  sets.sort((a, b) => a.behaviours.length - b.behaviours.length);
  const random = seededRandom(seed);
  const chosen: Behaviour[] = [];
  for (const [i, { behaviours }] of sets.entries()) {
    const part = Math.ceil((count - chosen.length) / (sets.length - i));
    chosen.push(...shuffled(behaviours, random).slice(0, part));
  }
  chosen.sort((a, b) => a.occurredAtMs - b.occurredAtMs || (a.eventId < b.eventId ? -1 : 1));
  const [productIds, userIds] = [
    new Set(chosen.map(({ productId }) => productId)),
    new Set(chosen.map(({ userId }) => userId)),
  ];
  return {
    behaviours: chosen,
    shops: sets.flatMap(({ shops }) => shops),
    products: sets.flatMap(({ products }) => products.filter(({ productId }) => productIds.has(productId))),
    users: sets.flatMap(({ users }) => users.filter(({ userId }) => userIds.has(userId))),
  };
}

/** Ids of one set mean nothing in another: `p1` of both is two products. */
function ofItsOwn(set: DataSet, name: string): DataSet {
  const own = <Record extends { userId?: string; productId?: string; shopId?: string }>(
    record: Record,
  ): Record => ({
    ...record,
    ...(record.userId !== undefined && { userId: `${name}:${record.userId}` }),
    ...(record.productId !== undefined && { productId: `${name}:${record.productId}` }),
    ...(record.shopId !== undefined && { shopId: `${name}:${record.shopId}` }),
  });
  return {
    ...set,
    shops: set.shops.map(own),
    products: set.products.map(own),
    users: set.users.map(own),
    behaviours: set.behaviours.map(own),
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [mixed[i], mixed[other]] = [mixed[other] as Item, mixed[i] as Item];
  }
  return mixed;
}
