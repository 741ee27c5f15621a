import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationResult } from './evaluationResult.js';
import { reportPlot } from './reportPlot.js';
import { reportTable } from './reportTable.js';

/** Where a report was written. */
export interface ReportFiles {
  readonly tableFile: string;
  readonly jsonFile: string;
  readonly plotFile: string;
}

/** Writes `<name>.txt`, `<name>.json` and `<name>.svg` into `folder`, which is made when missing. */
export async function writeReport(options: {
  result: EvaluationResult;
  folder: string;
  name: string;
}): Promise<ReportFiles> {
  const { result, folder, name } = options;
  const file = (extension: string) => join(folder, `${name}.${extension}`);
  const files = { tableFile: file('txt'), jsonFile: file('json'), plotFile: file('svg') };
  await mkdir(folder, { recursive: true });
  await writeFile(files.tableFile, `${reportTable(result)}\n`);
  await writeFile(files.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(files.plotFile, `${await reportPlot(result)}\n`);
  return files;
}
