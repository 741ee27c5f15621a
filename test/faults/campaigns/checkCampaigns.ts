import { untilProjected } from '../chaos/heal.js';
import type { Check } from '../checks/check.js';
import { checkServers } from '../checks/checkServers.js';
import { checkTouches } from '../checks/checkTouches.js';
import { checkWithTagrank } from '../checks/checkWithTagrank.js';
import type { Book } from '../load/book.js';
import { openOnlineStore } from '../world/onlineStore.js';
import type { World } from '../world/world.js';
import { countOvershoot, type LedgerCount } from './countOvershoot.js';

/** A message of a thousand people takes its time on a machine that ten processes share. */
const DECIDED_WITHIN_MS = 10_000;

/** Everything that must hold when all campaigns are through. */
export async function checkCampaigns(
  world: World,
  { book, leftAlone }: { book: Book; leftAlone: ReadonlySet<string> },
): Promise<{ count: LedgerCount; checks: Check[] }> {
  const truth = await world.openTruth();
  const { store, close } = openOnlineStore(world);
  try {
    await untilProjected({ truth, store });
    const { postgresUrl, caps } = world;
    const { count, check } = await countOvershoot({ postgresUrl, caps, decidedWithinMs: DECIDED_WITHIN_MS });
    const checks = [
      checkServers(world.servers),
      check,
      checkContended(count),
      checkLeftAlone(book, leftAlone),
      ...(await checkTouches(truth.touchLedger, { book, caps, decidedWithinMs: DECIDED_WITHIN_MS })),
      await checkWithTagrank(world),
    ];
    return { count, checks };
  } finally {
    await close();
    await truth.close();
  }
}

/** A cap that nobody came near to was not tried. */
function checkContended({ peopleAtTheCap }: LedgerCount): Check {
  return {
    name: 'contention',
    compared: `${peopleAtTheCap} people have all the messages that they may have`,
    violations: peopleAtTheCap === 0 ? ['nobody was brought to their cap, so nothing was shown'] : [],
  };
}

function checkLeftAlone({ touches }: Book, leftAlone: ReadonlySet<string>): Check {
  const written = [...touches.values()].filter(
    ({ userId, permitId }) => permitId !== undefined && leftAlone.has(userId),
  );
  return {
    name: 'left alone',
    compared: `${leftAlone.size} people who had unsubscribed`,
    violations: written.map(({ requestId }) => `${requestId} got a permit for somebody who had unsubscribed`),
  };
}
