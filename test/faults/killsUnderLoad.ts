import { setTimeout as sleep } from 'node:timers/promises';
import { wreakHavoc } from './chaos/chaos.js';
import { laneOf } from './chaos/perform.js';
import { planFaults } from './chaos/plan.js';
import { type RunOptions, runUnderLoad, type Trouble } from './underLoad.js';

export interface KillsOptions extends RunOptions {
  readonly kills: number;
  readonly seconds: number;
  /** Runs `tagrank rebuild` over and over meanwhile. */
  readonly rebuild: boolean;
}

/** Servers, Redis primaries and PostgreSQL are killed and stopped, one after the other and sometimes at once. */
export function runKills({ kills, seconds, rebuild, ...options }: KillsOptions): Promise<boolean> {
  return runUnderLoad(options, {
    title: `${kills} kills within ${seconds} s`,
    trouble: async (run) => {
      const isOver = new AbortController();
      const rebuilds = rebuild ? rebuildAgainAndAgain({ ...run, ending: isOver.signal }) : undefined;
      await wreakHavoc(planFaults({ seed: options.seed, kills }), {
        world: run.world,
        seconds,
        onFault: (fault) => {
          run.book.tally.add('faults', fault.kind);
          run.book.note(`${fault.kind}: ${laneOf(fault, run.world)}, ${(100 * fault.span).toFixed(0)} %`);
        },
      });
      isOver.abort();
      await rebuilds;
    },
  });
}

async function rebuildAgainAndAgain({ world, book, ending }: Parameters<Trouble>[0]): Promise<void> {
  while (!ending.aborted) {
    await sleep(3_000);
    const { code } = await world.command('rebuild');
    // An engine that is away ends it; what it leaves behind must harm nobody.
    book.tally.add('tagrank rebuild', code === 0 ? 'checksums equal' : `ended with ${code}`);
  }
}
