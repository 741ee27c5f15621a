import { setTimeout as sleep } from 'node:timers/promises';
import { TrackStatus } from '../../../src/server/client.js';
import { askSome, type Load } from './ask.js';
import type { diaryEntryOf, eventOf } from './shopfront.js';

type Event = ReturnType<typeof eventOf> | ReturnType<typeof diaryEntryOf>;

/**
 * Sends a batch until it is acknowledged or has been tried so often, and books what is answered. The
 * watermark; undefined when it was given up.
 */
export async function sendEvents(
  load: Load,
  { events, tries, random }: { events: readonly Event[]; tries: number; random: () => number },
): Promise<string | undefined> {
  const { book } = load;
  const stories = new Map(events.map(({ eventId }) => [eventId, book.eventStory(eventId)]));
  const firstTime = new Map(
    [...stories].map(([id, { isAcknowledged, isUncertain }]) => [id, !isAcknowledged && !isUncertain]),
  );
  for (let attempt = 0; attempt < tries; attempt++) {
    if (attempt > 0) await sleep(50 + 250 * random());
    const asked = await askSome(load, {
      method: 'Track',
      random,
      patience: random() < 0.2 ? 'hasty' : 'patient',
      ask: (client) => client.track({ events: [...events] }),
    });
    if (asked.kind === 'refused') {
      book.violate(`Track was refused: ${asked.details}`);
      return undefined;
    }
    if (asked.kind === 'unanswered') {
      for (const story of stories.values()) story.isUncertain = true;
      continue;
    }
    const accepted = new Set<string>();
    for (const { eventId, status } of asked.answer.results) {
      const story = book.eventStory(eventId);
      if (status === TrackStatus.ACCEPTED) {
        book.tally.add('events answered', 'accepted');
        if (story.isAcknowledged || accepted.has(eventId)) book.violate(`${eventId} was accepted twice`);
        accepted.add(eventId);
      } else if (status === TrackStatus.DUPLICATE) {
        book.tally.add('events answered', 'duplicate');
      } else book.violate(`${eventId} was answered ${TrackStatus[status]}`);
    }
    for (const [eventId, story] of stories) {
      if (attempt === 0 && firstTime.get(eventId) === true && !accepted.has(eventId)) {
        // Within the server the first attempt may have been written and its answer lost.
        book.tally.add('events answered', 'duplicate at the first attempt');
      }
      story.isAcknowledged = true;
    }
    const { watermark } = asked.answer;
    if (Number(watermark) > Number(book.watermark)) book.watermark = watermark;
    return watermark;
  }
  return undefined;
}
