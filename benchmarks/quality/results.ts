import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationResult } from '../../src/evaluation/evaluationResult.js';
import { QUALITY_SETS, type QualitySet } from './dataSets.js';

/** What was measured on one set. */
export interface SetResults {
  readonly set: QualitySet;
  /** With a model fitted to what lies before the split. */
  readonly fitted: EvaluationResult;
  /** With the model that is shipped, on a set that it has not seen. */
  readonly shipped?: EvaluationResult;
}

/** Which model answered; the first needs no word in a file's name. */
export type ModelKind = 'fitted' | 'shipped';

/** The name, without extension, of the files of one evaluation. */
export function resultName(set: QualitySet, kind: ModelKind): string {
  return kind === 'fitted' ? set.name : `${set.name}-shipped`;
}

/** The results in a folder, in the order of `QUALITY_SETS`; sets that were not measured are left out. */
export function readResults(folder: string): SetResults[] {
  return QUALITY_SETS.flatMap((set) => {
    const fitted = readResult(folder, resultName(set, 'fitted'));
    if (fitted === undefined) return [];
    return [{ set, fitted, shipped: readResult(folder, resultName(set, 'shipped')) }];
  });
}

function readResult(folder: string, name: string): EvaluationResult | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as EvaluationResult) : undefined;
}
