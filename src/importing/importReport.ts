import type { TableName } from './dataFolder.js';

/** What became of one file. `rows` is the sum of the four counts after it. */
export interface FileReport {
  readonly table: TableName;
  /** Such as `products.csv.gz`. */
  readonly fileName: string;
  readonly rows: number;
  /** Taken in now. */
  readonly imported: number;
  /** Known already, nothing changed. */
  readonly unchanged: number;
  /** Bad rows; they are in the rejects file. */
  readonly rejected: number;
  /** Behaviours at or after `untilMs`. */
  readonly leftOut: number;
  /** Absent when nothing was rejected. */
  readonly rejectsPath?: string;
  /** Columns that the import form does not name; they were not read. */
  readonly unknownColumns: readonly string[];
  readonly seconds: number;
}

export interface ImportReport {
  /** In the order of import. */
  readonly files: readonly FileReport[];
  /** Tables of the import form without a file. */
  readonly missing: readonly TableName[];
}

/** The report in lines for a person: a line a file, then what deserves a look. */
export function describeImport(report: ImportReport): string[] {
  const count = (value: number): string => value.toLocaleString('en-US');
  const lines = report.files.map((file) => {
    const parts = [
      `${count(file.imported)} imported`,
      `${count(file.unchanged)} unchanged`,
      `${count(file.rejected)} rejected`,
    ];
    if (file.leftOut > 0) parts.push(`${count(file.leftOut)} left out as too late`);
    return `${file.fileName}: ${count(file.rows)} rows in ${file.seconds.toFixed(1)} s: ${parts.join(', ')}`;
  });
  for (const file of report.files) {
    if (file.unknownColumns.length > 0) {
      lines.push(`${file.fileName}: columns not known and not read: ${file.unknownColumns.join(', ')}`);
    }
    if (file.rejectsPath !== undefined) {
      lines.push(
        `${file.fileName}: ${count(file.rejected)} rejected rows with reasons in ${file.rejectsPath}`,
      );
    }
  }
  if (report.missing.length > 0) lines.push(`not in the folder: ${report.missing.join(', ')}`);
  return lines;
}
