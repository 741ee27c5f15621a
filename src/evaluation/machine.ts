import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Machine } from './evaluationResult.js';

/** The machine that this runs on: times mean nothing without it. */
export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryBytes: totalmem(),
    platform: `${platform()} ${release()} ${arch()}`,
  };
}
