import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TagRankClient } from '../../src/server/client.js';
import { SHORT_CAPS } from './caps.js';
import { heal } from './chaos/heal.js';
import { checkAll } from './checks/checkAll.js';
import { Book } from './load/book.js';
import { runLoad } from './load/runLoad.js';
import { describeShopfront } from './load/shopfront.js';
import { describeRun, verdict } from './report.js';
import { startWorld, type World } from './world/world.js';

/** What a run is given. */
export interface RunOptions {
  /** The built `dist/main.js`. */
  readonly program: string;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What goes wrong in a run, while everybody works. */
export type Trouble = (run: { world: World; book: Book; ending: AbortSignal }) => Promise<void>;

/** Before anything happens: everybody should have something to lose. */
const WARM_UP_MS = 2_000;

/** Work, trouble, healing, and then the reckoning; whether everything held. */
export async function runUnderLoad(
  { program, seed, say }: RunOptions,
  { title, trouble }: { title: string; trouble: Trouble },
): Promise<boolean> {
  const startMs = performance.now();
  say(`starting PostgreSQL, a Redis Cluster of six nodes and two servers (seed ${seed})`);
  const world = await startWorld({ program, caps: SHORT_CAPS, serverNames: ['a', 'b'] });
  let isSound = false;
  try {
    const book = new Book();
    await describeShopfront(clientsOf(world));
    const ending = new AbortController();
    const load = runLoad({ world, book, seed, ending: ending.signal });
    await sleep(WARM_UP_MS);
    say(title);
    await trouble({ world, book, ending: ending.signal });
    say('healing');
    await heal(world);
    ending.abort();
    await load;
    const checks = await checkAll(world, book);
    isSound = book.violationCount === 0 && checks.every(({ violations }) => violations.length === 0);
    const tookSeconds = Math.round((performance.now() - startMs) / 1_000);
    for (const line of describeRun({ title, seed, tookSeconds, book, checks })) say(line);
    for (const line of verdict({ seed, book, checks, directory: world.directory })) say(line);
    if (!isSound) writeFileSync(join(world.directory, 'timeline.log'), `${book.timeline.join('\n')}\n`);
    return isSound;
  } finally {
    await world.stop({ keepLogs: !isSound });
  }
}

function clientsOf({ servers }: World): TagRankClient[] {
  return servers.flatMap(({ life }) => (life === undefined ? [] : [life.patient]));
}
