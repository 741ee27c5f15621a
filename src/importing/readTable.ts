import { InvalidInputError, type Violation } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import { CellReader } from './cellReader.js';
import { type CsvRecord, CsvRecords } from './csvRecords.js';
import type { DataFile } from './dataFolder.js';
import { type OpenFile, openFile } from './openFile.js';
import type { Table } from './tables.js';

/** One row of a file: a checked record, or why there is none. */
export type Row<T> = {
  /** The physical line, from 1, on which the row starts. */
  readonly line: number;
  /** The row as it stands in the file. */
  readonly bytes: Buffer;
} & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: readonly Violation[] }
);

/**
 * The rows of a file in their order, some hundred at a time, header aside. A bad row is handed on as
 * such and stops nothing.
 *
 * @throws InvalidInputError naming file and column when a required column is missing, a column is
 * there twice, or the file has no header row or is not UTF-8 at all.
 */
export async function* readTable<T>(options: {
  file: DataFile;
  opened: OpenFile;
  table: Table<T>;
  nowMs: EpochMs;
  /** Told once of the columns that the import form does not name. */
  onUnknownColumns?: (columns: readonly string[]) => void;
}): AsyncGenerator<Row<T>[]> {
  const { file, table, nowMs } = options;
  let columns: ReadonlyMap<string, number> | undefined;
  for await (const records of readRecords(options.opened)) {
    if (columns === undefined) {
      const header = records.shift();
      if (header === undefined) continue;
      columns = readHeader({ header, file, table });
      const unknown = [...columns.keys()].filter((column) => !table.columns.includes(column));
      if (unknown.length > 0) options.onUnknownColumns?.(unknown);
    }
    const known = columns;
    if (records.length > 0) yield records.map((record) => checkRow({ record, columns: known, table, nowMs }));
  }
  if (columns === undefined)
    throw new InvalidInputError({ field: file.fileName, rule: 'must have a header row' });
}

/**
 * Reads as little of a file as its header needs, so that a folder with a useless file is refused before
 * anything of it is imported.
 *
 * @throws InvalidInputError as `readTable` does for a header.
 */
export async function checkHeader(file: DataFile, table: Table<unknown>): Promise<void> {
  const rows = readTable({ file, opened: openFile(file), table, nowMs: 0 });
  await rows.next();
  await rows.return(undefined);
}

async function* readRecords(opened: OpenFile): AsyncGenerator<CsvRecord[]> {
  const records = new CsvRecords();
  for await (const chunk of opened.chunks) yield await records.read(chunk);
  yield await records.end();
}

function readHeader<T>(options: {
  header: CsvRecord;
  file: DataFile;
  table: Table<T>;
}): ReadonlyMap<string, number> {
  const { header, file, table } = options;
  const refuse = (field: string, rule: string): never => {
    throw new InvalidInputError({ field, rule });
  };
  const [first, second] = header.bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return refuse(file.fileName, 'must be UTF-8, not UTF-16');
  }
  if (header.fields === undefined) return refuse(`${file.fileName}: header`, header.fault);
  const columns = new Map<string, number>();
  header.fields.forEach((name, at) => {
    const column = name.trim();
    if (columns.has(column)) refuse(`${file.fileName}: ${column}`, 'must be one column, not two');
    columns.set(column, at);
  });
  const missing = table.required.filter((column) => !columns.has(column));
  if (missing.length > 0) {
    throw new InvalidInputError(
      missing.map((column) => ({
        field: `${file.fileName}: ${column}`,
        rule: 'must be a column of the file',
      })),
    );
  }
  return columns;
}

function checkRow<T>(options: {
  record: CsvRecord;
  columns: ReadonlyMap<string, number>;
  table: Table<T>;
  nowMs: EpochMs;
}): Row<T> {
  const { record, columns, table, nowMs } = options;
  const { line, bytes } = record;
  if (record.fields === undefined) {
    return { line, bytes, ok: false, violations: [{ field: 'row', rule: record.fault }] };
  }
  const cells = new CellReader(columns, record.fields);
  const checked = table.check(cells, nowMs);
  if (checked.ok && cells.violations.length === 0) return { line, bytes, ok: true, value: checked.value };
  // A cell that could not be read is absent to the validator, which may say so: that would be told twice.
  const unread = new Set(cells.violations.map(({ field }) => field));
  const others = checked.ok ? [] : checked.violations.filter(({ field }) => !unread.has(field));
  return { line, bytes, ok: false, violations: [...cells.violations, ...others] };
}
