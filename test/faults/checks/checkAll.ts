import { untilProjected } from '../chaos/heal.js';
import type { Book } from '../load/book.js';
import { openOnlineStore } from '../world/onlineStore.js';
import type { World } from '../world/world.js';
import type { Check } from './check.js';
import { checkHistories } from './checkHistories.js';
import { checkLog } from './checkLog.js';
import { checkPages } from './checkPages.js';
import { checkServers } from './checkServers.js';
import { checkTags } from './checkTags.js';
import { checkTouches } from './checkTouches.js';
import { checkWithTagrank } from './checkWithTagrank.js';
import { replayTruth } from './replay.js';

/** Everything that must hold once all is healed and nobody writes any more. */
export async function checkAll(world: World, book: Book): Promise<Check[]> {
  const truth = await world.openTruth();
  const { store, close } = openOnlineStore(world);
  try {
    await untilProjected({ truth, store });
    const replay = await replayTruth(truth);
    const checks = [
      checkServers(world.servers),
      checkPages(book),
      checkLog(replay.rows, book),
      await checkHistories(store, replay),
    ];
    for (const { name, life } of world.servers) {
      if (life === undefined) throw new Error(`server ${name} is not up`);
      await life.patient.getTags({
        subject: { $case: 'shopId', value: 'shop-0' },
        watermark: String(replay.rows.at(-1)?.seq ?? 0),
      });
      checks.push(await checkTags(life.patient, { name, replay }));
    }
    checks.push(
      ...(await checkTouches(truth.touchLedger, { book, caps: world.caps })),
      await checkWithTagrank(world),
    );
    return checks;
  } finally {
    await close();
    await truth.close();
  }
}
