import { setTimeout as sleep } from 'node:timers/promises';
import { TrackStatus } from '../../../src/server/client.js';
import { fromWatermarkOutcome } from '../../../src/server/convert/vocabulary.js';
import { askSome, type Load } from './ask.js';
import { choicesOf, DIARY_TAG, diaryEntryOf, eventOf } from './shopfront.js';

const MOST_EVENTS = 12;
const APPLIED = fromWatermarkOutcome('applied');

/**
 * Sends batches until the end: new events, some of them twice, some that were sent long ago, and
 * again what was not acknowledged, for a while. Now and then an entry in a diary of its own, which is
 * read with the watermark at once.
 */
export async function track(load: Load, name: string): Promise<void> {
  const { book, ending } = load;
  const { random, pick } = choicesOf(`${name} chooses`);
  const diary = new Diary(load, name);
  const sent: string[] = [];
  for (let batch = 0; !ending.aborted; batch++) {
    const ids = Array.from(
      { length: 1 + Math.floor(random() * MOST_EVENTS) },
      (_, i) => `${name}/${batch}/${i}`,
    );
    const again = random() < 0.3 ? [pick(ids)] : [];
    const old = sent.length > 0 && random() < 0.3 ? [pick(sent), pick(sent)] : [];
    sent.push(...ids);
    const events = [...ids, ...again, ...old].map((id) => eventOf(id, book.startMs));
    await sendEvents(load, { events, tries: random() < 0.2 ? 1 : 12, random });
    if (batch % 5 === 0) await diary.writeAndRead(random);
    await sleep(20 + 50 * random());
  }
}

type Event = ReturnType<typeof eventOf> | ReturnType<typeof diaryEntryOf>;

/** Answers the watermark once the batch was acknowledged, undefined when it was given up. */
async function sendEvents(
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

/** One person's favourites of one product, which nobody else touches: they can be counted exactly. */
class Diary {
  readonly #load: Load;
  readonly #userId: string;
  #sent = 0;
  #acknowledged = 0;
  #watermark = 0;

  constructor(load: Load, name: string) {
    this.#load = load;
    this.#userId = `diary of ${name}`;
  }

  async writeAndRead(random: () => number): Promise<void> {
    const { book } = this.#load;
    this.#sent += 1;
    const eventId = `${this.#userId}/${this.#sent}`;
    const entry = diaryEntryOf({ eventId, userId: this.#userId, startMs: book.startMs });
    const watermark = await sendEvents(this.#load, { events: [entry], tries: 12, random });
    if (watermark !== undefined) {
      this.#acknowledged += 1;
      this.#watermark = Math.max(this.#watermark, Number(watermark));
    }
    await this.#read(random);
  }

  async #read(random: () => number): Promise<void> {
    const { book } = this.#load;
    if (this.#watermark === 0) return;
    const asked = await askSome(this.#load, {
      method: 'GetTags',
      random,
      patience: 'patient',
      ask: (client) =>
        client.getTags({
          subject: { $case: 'userId', value: this.#userId },
          limit: 20,
          watermark: String(this.#watermark),
        }),
    });
    if (asked.kind === 'refused') book.violate(`GetTags was refused: ${asked.details}`);
    if (asked.kind !== 'answered') return;
    const { watermarkState, tags } = asked.answer;
    if (watermarkState !== APPLIED) {
      book.tally.add('own writes read', 'gave up in time');
      return;
    }
    const origin = tags.find(({ tag }) => tag === DIARY_TAG)?.origins[0]?.origin;
    const count = origin?.$case === 'behaviour' ? Number(origin.value.count) : 0;
    book.tally.add('own writes read', 'seen');
    if (count < this.#acknowledged || count > this.#sent) {
      book.violate(
        `${this.#userId} shows ${count} of ${this.#acknowledged} acknowledged (${this.#sent} sent) though the watermark was applied`,
      );
    }
  }
}
