import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { EpochMs } from '../core/time.js';
import type { User } from '../identity/user.js';
import { type DataFile, findDataFiles, type TableName } from './dataFolder.js';
import { openFile } from './openFile.js';
import { type Row, readTable } from './readTable.js';
import { behaviourTable, productTable, shopTable, type Table, userTable } from './tables.js';

/** The checked records of a data folder, in the order of the files. Each call reads its file anew. */
export interface FolderReader {
  /** Which files are there; a table without a file yields nothing. */
  readonly files: readonly DataFile[];
  shops(): AsyncGenerator<Shop>;
  products(): AsyncGenerator<Product>;
  users(): AsyncGenerator<User>;
  behaviours(): AsyncGenerator<Behaviour>;
}

/**
 * Reads a data folder without importing it: for training and evaluation. Bad rows are told to
 * `onRejected` and left out.
 *
 * @throws InvalidInputError as `findDataFiles` and (while iterating) `readTable` do.
 */
export async function readFolder(options: {
  dir: string;
  /** Behaviours of later than an hour after this are bad rows. */
  nowMs: EpochMs;
  onRejected?: (file: DataFile, row: Row<unknown> & { ok: false }) => void;
  /** After every few hundred rows: bytes read of the file as stored. */
  onProgress?: (file: DataFile, bytesRead: number) => void;
}): Promise<FolderReader> {
  const files = await findDataFiles(options.dir);

  async function* read<T>(name: TableName, table: Table<T>): AsyncGenerator<T> {
    const file = files.find((each) => each.table === name);
    if (file === undefined) return;
    const opened = openFile(file);
    for await (const rows of readTable({ file, opened, table, nowMs: options.nowMs })) {
      for (const row of rows) {
        if (row.ok) yield row.value;
        else options.onRejected?.(file, row);
      }
      options.onProgress?.(file, opened.bytesRead());
    }
  }

  return {
    files,
    shops: () => read('shops', shopTable),
    products: () => read('products', productTable),
    users: () => read('users', userTable),
    behaviours: () => read('behaviours', behaviourTable),
  };
}
