import type { Violation } from '../core/errors.js';
import { type Clock, SECOND_MS, systemClock } from '../core/time.js';
import type { DataFile } from './dataFolder.js';
import type { FileReport } from './importReport.js';
import { openFile } from './openFile.js';
import { type Row, readTable } from './readTable.js';
import { RejectsFile } from './rejectsFile.js';
import type { Table } from './tables.js';

/** Records handed to a sink at once, at most. */
export const IMPORT_BATCH_SIZE = 1_000;

/** What a sink did with a batch; the three add up to its length. */
export interface SinkOutcome {
  /** Taken in. */
  readonly accepted: number;
  /** Known already (the same content, or the same event id): nothing changed. */
  readonly duplicate: number;
  /** Refused by a rule that only the sink can check; `index` is the position in the batch. */
  readonly rejected: readonly { readonly index: number; readonly violations: readonly Violation[] }[];
}

/** Takes a batch in durably. What was taken in before counts as duplicate, so that an import can be repeated. */
export type Sink<T> = (batch: readonly T[]) => Promise<SinkOutcome>;

/** How far the import is in one file. */
export interface ImportProgress {
  readonly file: DataFile;
  /** Of `file.sizeBytes`; reading runs ahead of the sink by a batch at most. */
  readonly bytesRead: number;
  /** Rows dealt with, bad ones too. */
  readonly rows: number;
}

type AcceptedRow<T> = Row<T> & { readonly ok: true };

/** Imports one file; see `importFolder`. Rows for which `isTooLate` holds are left out. */
export async function importTable<T>(options: {
  file: DataFile;
  table: Table<T>;
  sink: Sink<T>;
  rejectsDir: string;
  onProgress?: (progress: ImportProgress) => void;
  isTooLate?: (value: T) => boolean;
  clock?: Clock;
}): Promise<FileReport> {
  const { file, table, sink, isTooLate, onProgress, clock = systemClock } = options;
  const startMs = clock.nowMs();
  const opened = openFile(file);
  const rejects = await RejectsFile.prepare({
    dir: options.rejectsDir,
    table: file.table,
    fileName: file.fileName,
  });
  const counts = { rows: 0, imported: 0, unchanged: 0, rejected: 0, leftOut: 0 };
  let unknownColumns: readonly string[] = [];
  let batch: AcceptedRow<T>[] = [];

  const reportProgress = (): void => {
    onProgress?.({ file, bytesRead: opened.bytesRead(), rows: counts.rows });
  };
  const reject = async (rows: readonly (Row<unknown> & { readonly ok: false })[]): Promise<void> => {
    counts.rejected += rows.length;
    await rejects.write(rows);
  };
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = batch;
    batch = [];
    const outcome = await sink(rows.map((row) => row.value));
    counts.imported += outcome.accepted;
    counts.unchanged += outcome.duplicate;
    await reject(
      outcome.rejected.map(({ index, violations }) => {
        const { line, bytes } = rows[index] as AcceptedRow<T>;
        return { line, bytes, ok: false, violations };
      }),
    );
    reportProgress();
  };

  reportProgress();
  try {
    const pages = readTable({
      file,
      opened,
      table,
      nowMs: startMs,
      onUnknownColumns: (columns) => {
        unknownColumns = columns;
      },
    });
    for await (const rows of pages) {
      const bad: (Row<T> & { readonly ok: false })[] = [];
      for (const row of rows) {
        counts.rows++;
        if (!row.ok) bad.push(row);
        else if (isTooLate?.(row.value)) counts.leftOut++;
        else batch.push(row);
        if (batch.length === IMPORT_BATCH_SIZE) await flush();
      }
      await reject(bad);
    }
    await flush();
  } finally {
    await rejects.close();
  }
  reportProgress();
  return {
    table: file.table,
    fileName: file.fileName,
    ...counts,
    ...(counts.rejected > 0 && { rejectsPath: rejects.path }),
    unknownColumns,
    seconds: (clock.nowMs() - startMs) / SECOND_MS,
  };
}
