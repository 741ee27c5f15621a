import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { systemClock } from '../core/time.js';
import type { User } from '../identity/user.js';
import type { ProgressBar } from '../importing/progressBar.js';
import { readFolder } from '../importing/readFolder.js';

/** A data folder in memory. */
export interface DataSet {
  /** For people: the title of the folder's README, or else its name. */
  readonly title: string;
  readonly shops: readonly Shop[];
  readonly products: readonly Product[];
  readonly users: readonly User[];
  /** By time; ties in the order of the file. */
  readonly behaviours: readonly Behaviour[];
  /** Rows that were left out because they break a rule. */
  readonly badRows: number;
}

/**
 * Reads a whole data folder, for training and evaluation; the last product or user of an id wins, as
 * in an import.
 *
 * @throws InvalidInputError when the folder or a file of it cannot be used
 */
export async function readDataSet(dir: string, bar: ProgressBar): Promise<DataSet> {
  let badRows = 0;
  let current = '';
  const reader = await readFolder({
    dir,
    nowMs: systemClock.nowMs(),
    onRejected: () => {
      badRows += 1;
    },
    onProgress: (file, bytesRead) => {
      if (file.path !== current) {
        current = file.path;
        bar.phase(`read ${file.fileName}`, file.sizeBytes);
      }
      bar.update(bytesRead);
    },
  });
  const shops = await lastOfEach(reader.shops(), ({ shopId }) => shopId);
  const products = await lastOfEach(reader.products(), ({ productId }) => productId);
  const users = await lastOfEach(reader.users(), ({ userId }) => userId);
  const behaviours: Behaviour[] = [];
  for await (const behaviour of reader.behaviours()) behaviours.push(behaviour);
  behaviours.sort((a, b) => a.occurredAtMs - b.occurredAtMs);
  return { title: await titleOf(dir), shops, products, users, behaviours, badRows };
}

async function lastOfEach<T>(records: AsyncIterable<T>, idOf: (record: T) => string): Promise<T[]> {
  const byId = new Map<string, T>();
  for await (const record of records) byId.set(idOf(record), record);
  return [...byId.values()];
}

async function titleOf(dir: string): Promise<string> {
  const readme = await readFile(join(dir, 'README.md'), 'utf8').catch(() => '');
  return /^# (.+)$/m.exec(readme)?.[1]?.trim() ?? basename(resolve(dir));
}
