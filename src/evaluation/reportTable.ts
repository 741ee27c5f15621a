import type { EvaluationResult } from './evaluationResult.js';
import { type ReportTable, reportHeading, reportSettings, reportTables } from './reportTables.js';

/** The result as text for a terminal or a fixed-width block, without a line end at the end. */
export function reportTable(result: EvaluationResult): string {
  const { title, tuned, ran } = reportSettings(result);
  return [
    reportHeading(result).join('\n'),
    ...reportTables(result).map(textTable),
    [title, ...tuned.map((line) => `  ${line}`), ran].join('\n'),
  ].join('\n\n');
}

/** A table in columns: the first is left-aligned, and a last one of words; the others right-aligned. */
export function textTable({ header, rows, note, wordsLast = false }: ReportTable): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 || (wordsLast && column === header.length - 1)
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const ruled = [line(header), '─'.repeat(line(header).length), ...rows.map(line)];
  return [...ruled, ...(note === undefined ? [] : [note])].join('\n');
}
