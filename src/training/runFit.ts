import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FailedPreconditionError } from '../core/errors.js';
import type { ModelManifest } from '../inference/manifest.js';
import type { Family } from './families.js';

/** What `models/train/fit.py` says of the model that it fitted (its `fit.json`). */
export interface Fit
  extends Pick<ModelManifest, 'inputName' | 'outputName' | 'golden' | 'metrics' | 'training'> {
  /** NDCG@20 of each held-back query; `metrics.heldBackNdcg20` is their mean. */
  readonly heldBackNdcg20ByQuery: readonly number[];
  /** How much each feature decides, largest first; they add up to 1. */
  readonly importance: Readonly<Record<string, number>>;
}

/** The model that `runFit` leaves in its folder. */
export const FITTED_MODEL_FILE = 'model.onnx';

/**
 * Fits a model of a family to the matrix in `matrixFolder`; `outFolder` then holds `model.onnx`.
 *
 * @throws FailedPreconditionError saying how to get Python or its libraries when they are missing, and
 * what the fit said when it failed
 */
export async function runFit(options: {
  python: string;
  /** `models/train`, with `fit.py` and `requirements.txt`. */
  scriptFolder: string;
  matrixFolder: string;
  outFolder: string;
  family: Family;
  seed: number;
}): Promise<Fit> {
  const { python, scriptFolder, matrixFolder, outFolder, family, seed } = options;
  const script = join(scriptFolder, 'fit.py');
  const { code, complaint } = await run(python, [
    // Nothing is written beside the scripts: they may lie where nobody may write.
    '-B',
    script,
    ...['--matrix', matrixFolder, '--out', outFolder, '--family', family, '--seed', String(seed)],
  ]);
  if (code !== 0) throw new FailedPreconditionError(failureWords({ python, scriptFolder, complaint }));
  return JSON.parse(await readFile(join(outFolder, 'fit.json'), 'utf8')) as Fit;
}

function run(python: string, args: readonly string[]): Promise<{ code: number | null; complaint: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'was not found' : 'cannot be run';
      reject(
        new FailedPreconditionError(
          `${python} ${why}: fitting a model needs Python 3.11 or later; --python names it`,
          cause.code === 'ENOENT' ? {} : { cause },
        ),
      );
    });
    child.on('close', (code) => resolve({ code, complaint }));
  });
}

function failureWords(options: { python: string; scriptFolder: string; complaint: string }): string {
  const { python, scriptFolder, complaint } = options;
  const missing = /ModuleNotFoundError: No module named '([^']+)'/.exec(complaint)?.[1];
  if (missing !== undefined) {
    return (
      `${python} lacks a library that fitting needs (${missing}). Install them with:\n` +
      `  ${python} -m pip install -r ${join(scriptFolder, 'requirements.txt')}`
    );
  }
  const lastLine = complaint.trim().split('\n').at(-1) || 'it said nothing';
  return `the fit failed: ${lastLine}`;
}
