import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationResult } from '../../src/evaluation/evaluationResult.js';
import { QUALITY_SETS, type QualitySet } from './dataSets.js';

/** What was measured on one set. */
export interface SetResults {
  readonly set: QualitySet;
  /** With a model fitted to what lies before the split. */
  readonly fitted: EvaluationResult;
  /** The same model, asked for everybody's last choice. */
  readonly lastOut?: EvaluationResult;
  /** With the model that is shipped, on a set that it has not seen. */
  readonly shipped?: EvaluationResult;
}

/** What is measured on a set, as `SetResults` names it. */
export const MEASUREMENTS = ['fitted', 'lastOut', 'shipped'] as const;
export type Measurement = (typeof MEASUREMENTS)[number];

const SUFFIXES: Readonly<Record<Measurement, string>> = {
  fitted: '',
  lastOut: '-leave-last-out',
  shipped: '-shipped',
};

/** The name, without extension, of the files of one evaluation. */
export function resultName(set: QualitySet, measurement: Measurement): string {
  return `${set.name}${SUFFIXES[measurement]}`;
}

/** The results in a folder, in the order of `QUALITY_SETS`; sets that were not measured are left out. */
export function readResults(folder: string): SetResults[] {
  return QUALITY_SETS.flatMap((set) => {
    const read = (measurement: Measurement) => readResult(folder, resultName(set, measurement));
    const fitted = read('fitted');
    return fitted === undefined ? [] : [{ set, fitted, lastOut: read('lastOut'), shipped: read('shipped') }];
  });
}

function readResult(folder: string, name: string): EvaluationResult | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as EvaluationResult) : undefined;
}
