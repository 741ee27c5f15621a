import type { Truth } from '../stores/postgres/openTruth.js';

/** How often the truth is asked for a sign of life. */
const EVERY_MS = 5_000;
/** Failures in a row after which it is given up: one may be a busy moment. */
const PATIENCE = 3;

/**
 * Resolves with what the engine said when it is dead: an embedded engine that aborted (memory, disk)
 * never answers again, and a process without its truth had better be started anew. `stop` ends the
 * watch.
 */
export function watchTruth(
  truth: Pick<Truth, 'behaviourLog'>,
  { everyMs = EVERY_MS }: { everyMs?: number } = {},
): { readonly dead: Promise<Error>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;
  const dead = new Promise<Error>((resolve) => {
    const look = async (): Promise<void> => {
      try {
        await truth.behaviourLog.lastSeq();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === PATIENCE) return resolve(error as Error);
      }
      lookLater();
    };
    const lookLater = (): void => {
      if (!stopped) timer = setTimeout(() => void look(), everyMs).unref();
    };
    lookLater();
  });
  return {
    dead,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
