import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { QualitySet } from './dataSets.js';
import { type Measurement, resultName } from './results.js';

/** The baselines do not depend on the model: those that take longest are asked once a protocol. */
const OPTIONS: Readonly<Record<Measurement, readonly string[]>> = {
  fitted: ['--fit', '--factorisation'],
  lastOut: ['--fit', '--factorisation', '--protocol', 'leave-last-out'],
  shipped: [],
};

/**
 * Runs `tagrank evaluate` as anybody would, and leaves `<name>.json`, `.txt`, `.svg` and `.html` in `out`;
 * what was there is replaced only by a run that ended well.
 *
 * @throws Error when the command fails
 */
export async function evaluateSet(options: {
  set: QualitySet;
  folder: string;
  measurement: Measurement;
  /** The program, `dist/main.js`. */
  program: string;
  /** Options of `tagrank evaluate` to add. */
  more: readonly string[];
  out: string;
}): Promise<void> {
  const { set, folder, measurement, out } = options;
  await mkdir(out, { recursive: true });
  // Beside the results, so that renaming stays within one file system.
  const work = await mkdtemp(join(out, '.work-'));
  try {
    await run(options.program, [
      ...['evaluate', folder, '--split-at', set.splitAt, '--out', work],
      ...OPTIONS[measurement],
      ...options.more,
    ]);
    for (const file of await readdir(work)) {
      await rename(join(work, file), join(out, `${resultName(set, measurement)}${extname(file)}`));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`tagrank ${args.join(' ')} ended with ${code ?? signal}`));
    });
  });
}
