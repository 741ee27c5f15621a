import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { toEpochMs } from '../../../src/server/client.js';
import { askSome, type Load } from './ask.js';
import type { TouchStory } from './book.js';

/** How long a word about a permit is repeated until it is acknowledged: beyond any outage of a run. */
const INSIST_MS = 90_000;

/** Sends and commits, or releases; insists until that is acknowledged. */
export async function settle(
  load: Load,
  story: TouchStory,
  { random }: { random: () => number },
): Promise<void> {
  const { book } = load;
  const isSent = random() < 0.8;
  await sleep(200 * random());
  if (isSent) {
    const nowMs = Date.now();
    // The permit took its time to arrive: what it held may be another's by now.
    if (nowMs >= (story.expiresAtMs as number)) return;
    story.sentMs = nowMs;
  }
  const permitId = story.permitId as string;
  const method = isSent ? 'CommitTouch' : 'ReleaseTouch';
  const endMs = performance.now() + INSIST_MS;
  while (performance.now() < endMs) {
    const asked = await askSome(load, {
      method,
      random,
      patience: random() < 0.2 ? 'hasty' : 'patient',
      ask: async (client) => {
        if (!isSent) {
          await client.releaseTouch({ permitId });
          return undefined;
        }
        return client.commitTouch({ permitId });
      },
    });
    if (asked.kind === 'refused') {
      book.violate(`${method} of ${permitId} was answered ${status[asked.code]}: ${asked.details}`);
      return;
    }
    if (asked.kind === 'answered') {
      if (asked.answer === undefined) story.isReleased = true;
      else {
        const { committedAt, late } = asked.answer;
        story.committed = { atMs: toEpochMs(committedAt) as number, late, acknowledgedMs: Date.now() };
      }
      return;
    }
    book.tally.add('retried', method);
    await sleep(50 + 200 * random());
  }
  book.violate(`${method} of ${permitId} was never acknowledged`);
}
