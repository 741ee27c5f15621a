import { setTimeout as sleep } from 'node:timers/promises';
import type { TouchDependencies } from './touchDependencies.js';
import { TouchesMovedError } from './touchHome.js';

/** While the touches of an id are on their way it is in no log: a moment, unless the mover died. */
const ON_THE_WAY_MS = 5;
const MAX_ROUNDS = 4;

/**
 * Does something in the log in which the touches of an id are kept, beginning with the one that is
 * believed to be it, and following what the logs say. `work` is done anew in each of them, and has to
 * reject with `TouchesMovedError`, having done nothing, where it is the wrong one.
 *
 * Where the logs lead elsewhere than the truth did (`homeId`), or round in circles, somebody who moved
 * the touches has not finished or never will; they are settled first.
 */
export async function atHome<Result>(
  {
    userId,
    homeId = userId,
    settleTouches,
  }: { userId: string; homeId?: string } & Pick<TouchDependencies, 'settleTouches'>,
  work: (homeId: string) => Promise<Result>,
): Promise<Result> {
  let at = homeId;
  let asked = new Set<string>();
  let rounds = 0;
  for (;;) {
    try {
      return await work(at);
    } catch (error) {
      if (!(error instanceof TouchesMovedError)) throw error;
      const isAstray = rounds === 0 && asked.size === 0 && homeId !== userId;
      asked.add(at);
      at = error.homeId;
      if (asked.has(at)) {
        rounds += 1;
        if (rounds > MAX_ROUNDS) throw error;
        asked = new Set();
        await sleep(ON_THE_WAY_MS);
      }
      // Without the truth the logs alone say where: too careful at worst.
      if (isAstray || rounds > 1) await settleTouches(userId).catch(() => undefined);
    }
  }
}

/**
 * The same for a permit of `userId`, beginning with the id that it carries; `work` answers undefined
 * where the permit is not known. It may have been given out under the person's home before the ledger
 * knew of the move, and the logs were lost then: so where nobody knows it, the truth is asked.
 */
export async function withPermit<Result>(
  {
    userId,
    personOf,
    settleTouches,
  }: { userId: string } & Pick<TouchDependencies, 'personOf' | 'settleTouches'>,
  work: (homeId: string) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const done = await atHome({ userId, settleTouches }, work);
  if (done !== undefined || (await personOf(userId, { shops: false })).homeId === userId) return done;
  await settleTouches(userId);
  return atHome({ userId, settleTouches }, work);
}
