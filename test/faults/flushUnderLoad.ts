import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { isWhole } from './chaos/heal.js';
import type { Book } from './load/book.js';
import { type RunOptions, runUnderLoad } from './underLoad.js';
import { type OnlineStore, openOnlineStore } from './world/onlineStore.js';
import type { World } from './world/world.js';

const WORK_MS = 4_000;
/** The ledger's settling time, a build, and a machine that has other things to do. */
const HEAL_WITHIN_MS = 30_000;

/**
 * All that Redis holds is thrown away under load: servers must notice and build it anew by
 * themselves, and so must `tagrank rebuild`, with the same checksums and no message too many.
 */
export function runFlush(options: RunOptions): Promise<boolean> {
  return runUnderLoad(options, {
    title: 'FLUSHALL and rebuilds under load',
    trouble: async ({ world, book }) => {
      const online = openOnlineStore(world);
      try {
        await sleep(WORK_MS);
        await loseAndHeal(world, { online, book, primaries: 3 });
        await sleep(WORK_MS);
        await loseAndHeal(world, { online, book, primaries: 1 });
        await sleep(WORK_MS);
        await rebuild(world, { book, after: 'rebuild of what is whole' });
        await sleep(WORK_MS);
        await flush(world, 3);
        await rebuild(world, { book, after: 'rebuild right after FLUSHALL' });
        await sleep(WORK_MS);
      } finally {
        await online.close();
      }
    },
  });
}

async function loseAndHeal(
  world: World,
  { online, book, primaries }: { online: OnlineStore; book: Book; primaries: number },
): Promise<void> {
  await flush(world, primaries);
  const startMs = performance.now();
  while (!(await isWhole(online.store))) {
    if (performance.now() - startMs > HEAL_WITHIN_MS) {
      book.violate(`after FLUSHALL of ${primaries} primaries the servers did not heal by themselves`);
      return;
    }
    await sleep(50);
  }
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  book.tally.add('healed by themselves', `FLUSHALL of ${primaries} primaries, ${seconds} s:`);
}

async function flush({ redis }: World, primaries: number): Promise<void> {
  let left = primaries;
  for (const { url } of redis.nodes) {
    if (left === 0) return;
    const admin = new Redis(url);
    try {
      if (!(await admin.info('replication')).includes('role:master')) continue;
      await admin.flushall();
      left -= 1;
    } finally {
      admin.disconnect();
    }
  }
}

async function rebuild(world: World, { book, after }: { book: Book; after: string }): Promise<void> {
  const { code, output } = await world.command('rebuild');
  if (code === 0 && output.includes('checksums equal'))
    book.tally.add('tagrank rebuild', `${after}: checksums equal`);
  else book.violate(`${after} ended with ${code}: ${output.trim().split('\n').slice(-3).join(' / ')}`);
}
