import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationResult } from './evaluationResult.js';
import { reportHtml } from './reportHtml.js';
import { reportPlot } from './reportPlot.js';
import { reportTable } from './reportTable.js';

/** Where a report was written. */
export interface ReportFiles {
  readonly tableFile: string;
  readonly jsonFile: string;
  readonly plotFile: string;
  readonly pageFile: string;
}

/** Writes `<name>.txt`, `.json`, `.svg` and `.html` into `folder`, which is made when missing. */
export async function writeReport(options: {
  result: EvaluationResult;
  folder: string;
  name: string;
}): Promise<ReportFiles> {
  const { result, folder, name } = options;
  const file = (extension: string) => join(folder, `${name}.${extension}`);
  const files = {
    tableFile: file('txt'),
    jsonFile: file('json'),
    plotFile: file('svg'),
    pageFile: file('html'),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(files.tableFile, `${reportTable(result)}\n`);
  await writeFile(files.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  const plot = await reportPlot(result);
  await writeFile(files.plotFile, `${plot}\n`);
  await writeFile(files.pageFile, `${reportHtml(result, plot)}\n`);
  return files;
}
