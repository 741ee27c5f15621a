import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '../core/errors.js';

/** The files of the import form, in the order in which they are read: what is named before who names it. */
export const TABLE_NAMES = ['shops', 'products', 'users', 'behaviours'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** One file of a data folder. */
export interface DataFile {
  readonly table: TableName;
  /** Without the folder, such as `shops.csv.gz`. */
  readonly fileName: string;
  readonly path: string;
  readonly gzipped: boolean;
  /** As stored, packed or not: the total of a progress bar. */
  readonly sizeBytes: number;
}

/**
 * The files of the import form that `dir` holds; each may be missing, but not all of them.
 *
 * @throws InvalidInputError when `dir` cannot be read, holds none of them, or one of them twice (plain
 * and gzipped).
 */
export async function findDataFiles(dir: string): Promise<DataFile[]> {
  const names = new Set(await readFolderNames(dir));
  const files: DataFile[] = [];
  for (const table of TABLE_NAMES) {
    const present = [`${table}.csv`, `${table}.csv.gz`].filter((name) => names.has(name));
    const fileName = present[0];
    if (fileName === undefined) continue;
    if (present.length > 1) {
      throw new InvalidInputError({ field: dir, rule: `must not hold both ${present.join(' and ')}` });
    }
    const path = join(dir, fileName);
    const { size } = await stat(path);
    files.push({ table, fileName, path, gzipped: fileName.endsWith('.gz'), sizeBytes: size });
  }
  if (files.length === 0) {
    const wanted = TABLE_NAMES.map((table) => `${table}.csv`).join(', ');
    throw new InvalidInputError({ field: dir, rule: `must hold at least one of ${wanted} (or .csv.gz)` });
  }
  return files;
}

async function readFolderNames(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InvalidInputError({ field: dir, rule: 'must exist' });
    if (code === 'ENOTDIR') throw new InvalidInputError({ field: dir, rule: 'must be a folder' });
    throw error;
  }
}
