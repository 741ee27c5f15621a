import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { Clock, EpochMs } from '../core/time.js';
import type { User } from '../identity/user.js';
import { type DataFile, findDataFiles, TABLE_NAMES, type TableName } from './dataFolder.js';
import type { FileReport, ImportReport } from './importReport.js';
import { type ImportProgress, importTable, type Sink } from './importTable.js';
import { checkHeader } from './readTable.js';
import { behaviourTable, productTable, shopTable, TABLES, userTable } from './tables.js';

export interface ImportSinks {
  readonly shops: Sink<Shop>;
  readonly products: Sink<Product>;
  readonly users: Sink<User>;
  readonly behaviours: Sink<Behaviour>;
}

interface ImportOptions {
  readonly dir: string;
  /** Where the rejects files go; made when there is a bad row. */
  readonly rejectsDir: string;
  readonly sinks: ImportSinks;
  /** After every batch, and once at the beginning and end of each file. */
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Behaviours at or after this moment are left out, for an evaluation that splits by time. */
  readonly untilMs?: EpochMs;
  readonly clock?: Clock;
}

/**
 * Imports a data folder: shops, products, users, then behaviours, in batches, each batch after the one
 * before it is taken in, so that memory stays flat however large the files are. Bad rows go to the
 * rejects files and the rest is imported. Repeating an import, whole or broken off, changes nothing
 * that was taken in already.
 *
 * @throws InvalidInputError as `findDataFiles` and `checkHeader` do, before anything is imported; also
 * for a packed file that breaks off, and then what was imported stays.
 */
export async function importFolder(options: ImportOptions): Promise<ImportReport> {
  const files = await findDataFiles(options.dir);
  const { sinks, untilMs } = options;
  const isTooLate = (behaviour: Behaviour): boolean =>
    untilMs !== undefined && behaviour.occurredAtMs >= untilMs;
  const importFile: Record<TableName, (file: DataFile) => Promise<FileReport>> = {
    shops: (file) => importTable({ ...options, file, table: shopTable, sink: sinks.shops }),
    products: (file) => importTable({ ...options, file, table: productTable, sink: sinks.products }),
    users: (file) => importTable({ ...options, file, table: userTable, sink: sinks.users }),
    behaviours: (file) =>
      importTable({ ...options, file, table: behaviourTable, sink: sinks.behaviours, isTooLate }),
  };
  for (const file of files) await checkHeader(file, TABLES[file.table]);
  const reports: FileReport[] = [];
  for (const file of files) reports.push(await importFile[file.table](file));
  const present = new Set(files.map((file) => file.table));
  return { files: reports, missing: TABLE_NAMES.filter((table) => !present.has(table)) };
}
