import { type Engines, openEngines } from '../app/engines.js';
import { createTitleSegmenter } from '../catalog/titleSegmenter.js';
import { readConfig } from '../config.js';
import { FailedPreconditionError } from '../core/errors.js';
import { PARTITIONS } from '../core/partitions.js';
import { systemClock } from '../core/time.js';
import { defaultTouchPolicy } from '../touch/defaultTouchPolicy.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { enginesOf } from './engines.js';
import { readTouchPolicy } from './readTouchPolicy.js';

/** Opens the engines of the settings for an operator's command, and closes them after it. */
export async function withEngines<Result>(
  line: CommandLine,
  work: (engines: Engines & { readonly ledgerSettleMs: number }) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(line.env);
  const options = enginesOf(config);
  if (options === undefined) {
    throw new FailedPreconditionError(
      'embedded mode has nothing to do here: its online state is made anew at every start. ' +
        'Set TAGRANK_REDIS_URL and TAGRANK_POSTGRES_URL to those of the servers',
    );
  }
  const policy =
    config.touchPolicyFile === undefined
      ? defaultTouchPolicy()
      : await readTouchPolicy(config.touchPolicyFile);
  let said = false;
  const engines = await openEngines({
    ...options,
    clock: systemClock,
    segmenter: createTitleSegmenter(),
    policy: () => policy,
    onRedisTrouble: (cause) => {
      if (!said) writeLines(line.stderr, [`warning: redis: ${(cause as Error).message}`]);
      said = true;
    },
  });
  try {
    return await work({ ...engines, ledgerSettleMs: options.ledgerSettleMs });
  } finally {
    await engines.close();
  }
}

/** The partitions that `--bucket` names, such as `3`, `0-15` or `1,5,9`; all of them when it is not given. */
export function partitionsOf(bucket: string | undefined): number[] {
  if (bucket === undefined) return Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const partitions = new Set<number>();
  for (const part of bucket.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from <= to && to < PARTITIONS)) {
      throw new FailedPreconditionError(
        `--bucket must be numbers from 0 to ${PARTITIONS - 1} such as 3, 0-15 or 1,5,9, not ${bucket}`,
      );
    }
    for (let partition = from; partition <= to; partition++) partitions.add(partition);
  }
  return [...partitions].sort((a, b) => a - b);
}
