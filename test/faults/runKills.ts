import { setTimeout as sleep } from 'node:timers/promises';
import { wreakHavoc } from './chaos/chaos.js';
import { heal } from './chaos/heal.js';
import { planFaults } from './chaos/plan.js';
import { checkAll } from './checks/checkAll.js';
import { Book } from './load/book.js';
import { runLoad } from './load/runLoad.js';
import { describeShopfront } from './load/shopfront.js';
import { describeRun } from './report.js';
import { startWorld, type World } from './world/world.js';

export interface KillsOptions {
  readonly program: string;
  readonly seed: number;
  readonly kills: number;
  readonly seconds: number;
  /** Runs `tagrank rebuild` over and over meanwhile. */
  readonly rebuild: boolean;
  readonly say: (line: string) => void;
}

/** Before the first fault: everybody should have something to lose. */
const WARM_UP_MS = 2_000;

/** Work, kills, healing, and then the reckoning; whether everything held. */
export async function runKills({
  program,
  seed,
  kills,
  seconds,
  rebuild,
  say,
}: KillsOptions): Promise<boolean> {
  const startMs = performance.now();
  say(`starting PostgreSQL, a Redis Cluster of six nodes and two servers (seed ${seed})`);
  const world = await startWorld({ program });
  let isSound = false;
  try {
    const book = new Book();
    const [server] = world.servers;
    await describeShopfront((server.life as NonNullable<typeof server.life>).patient);
    const ending = new AbortController();
    const load = runLoad({ world, book, seed, ending: ending.signal });
    const rebuilds = rebuild ? rebuildAgainAndAgain(world, { book, ending: ending.signal }) : undefined;
    await sleep(WARM_UP_MS);
    say(`${kills} kills within ${seconds} s`);
    await wreakHavoc(planFaults({ seed, kills }), {
      world,
      seconds,
      onFault: (kind) => book.tally.add('faults', kind),
    });
    say('healing');
    await heal(world);
    ending.abort();
    await Promise.all([load, rebuilds]);
    const checks = await checkAll(world, book);
    const violations = [...book.violations, ...checks.flatMap((check) => check.violations)];
    isSound = violations.length === 0;
    const facts = [
      ['seed', String(seed)],
      ['took', `${Math.round((performance.now() - startMs) / 1_000)} s`],
    ] as const;
    for (const line of describeRun({ title: 'fault run', book, checks, facts })) say(line);
    tell(violations, { seed, world, say });
    return isSound;
  } finally {
    await world.stop({ keepLogs: !isSound });
  }
}

async function rebuildAgainAndAgain(
  world: World,
  { book, ending }: { book: Book; ending: AbortSignal },
): Promise<void> {
  while (!ending.aborted) {
    await sleep(3_000);
    const { code } = await world.command('rebuild');
    // An engine that is away ends it; what it leaves behind must harm nobody.
    book.tally.add('tagrank rebuild', code === 0 ? 'checksums equal' : `ended with ${code}`);
  }
}

/** The verdict. */
export function tell(
  violations: readonly string[],
  { seed, world, say }: { seed: number; world: World; say: (line: string) => void },
): void {
  say('');
  if (violations.length === 0) {
    say(`everything held (seed ${seed})`);
    return;
  }
  const MOST = 30;
  say(`VIOLATED, seed ${seed}; the servers' logs are in ${world.directory}`);
  for (const violation of violations.slice(0, MOST)) say(`  ${violation}`);
  if (violations.length > MOST) say(`  and ${violations.length - MOST} more`);
}
