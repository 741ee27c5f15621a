import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.js';
import { laneOf, perform } from './perform.js';
import type { Fault } from './plan.js';

/** There is always some work between two faults. */
const LEAST_REST_MS = 200;

/** Goes through a plan within the time given; when it resolves everything runs again. */
export async function wreakHavoc(
  plan: readonly Fault[],
  { world, seconds, onFault }: { world: World; seconds: number; onFault: (fault: Fault) => void },
): Promise<void> {
  const startMs = performance.now();
  const lanes = new Map<string, Promise<void>>();
  for (const fault of plan) {
    const dueMs = startMs + fault.at * seconds * 1_000;
    await sleep(Math.max(LEAST_REST_MS, dueMs - performance.now()));
    const lane = laneOf(fault, world);
    await lanes.get(lane);
    onFault(fault);
    const over = perform(fault, world);
    lanes.set(lane, over);
    // Told of below; until then it must not count as unhandled.
    over.catch(() => undefined);
    if (!fault.overlaps) await over;
  }
  await Promise.all([...lanes.values(), sleep(startMs + seconds * 1_000 - performance.now())]);
}
