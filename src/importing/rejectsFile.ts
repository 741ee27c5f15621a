import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Violation } from '../core/errors.js';
import type { TableName } from './dataFolder.js';

/** One row that was not imported. */
export interface RejectedRow {
  /** The physical line, from 1, on which the row starts. */
  readonly line: number;
  readonly violations: readonly Violation[];
  /** The row as it stands in the file. */
  readonly bytes: Buffer;
}

/**
 * The rows of one file that were not imported, as `<rejectsDir>/<table>.rejects.csv` with the columns
 * file, line, reason (`column: rule`, several joined by `; `) and record (as it stood, bytes that are
 * not UTF-8 replaced). It is made by the first such row; one left by an earlier import is removed, so
 * that what lies there always speaks of the last import.
 */
export class RejectsFile {
  readonly path: string;
  readonly #dir: string;
  readonly #fileName: string;
  #handle: FileHandle | undefined;

  private constructor(options: { dir: string; path: string; fileName: string }) {
    this.path = options.path;
    this.#dir = options.dir;
    this.#fileName = options.fileName;
  }

  /** `fileName` is that of the file being imported. */
  static async prepare(options: { dir: string; table: TableName; fileName: string }): Promise<RejectsFile> {
    const path = join(options.dir, `${options.table}.rejects.csv`);
    await rm(path, { force: true });
    return new RejectsFile({ dir: options.dir, path, fileName: options.fileName });
  }

  /** Resolves once the rows are handed to the operating system. */
  async write(rows: readonly RejectedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const records = rows.map((row) => [
      this.#fileName,
      row.line,
      reasonOf(row.violations),
      row.bytes.toString(),
    ]);
    if (this.#handle === undefined) {
      await mkdir(this.#dir, { recursive: true });
      this.#handle = await open(this.path, 'w');
      records.unshift(['file', 'line', 'reason', 'record']);
    }
    await this.#handle.appendFile(stringify(records));
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

function reasonOf(violations: readonly Violation[]): string {
  return violations.map(({ field, rule }) => `${field}: ${rule}`).join('; ');
}
