import { fromWatermarkOutcome } from '../../../src/server/convert/vocabulary.js';
import { askSome, type Load } from './ask.js';
import { sendEvents } from './sendEvents.js';
import { DIARY_TAG, diaryEntryOf } from './shopfront.js';

const APPLIED = fromWatermarkOutcome('applied');

/** One person's favourites of one product, which nobody else touches: they can be counted exactly. */
export class Diary {
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
