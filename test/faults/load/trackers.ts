import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './ask.js';
import { Diary } from './diary.js';
import { sendEvents } from './sendEvents.js';
import { choicesOf, eventOf } from './shopfront.js';

const MOST_EVENTS = 12;

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
