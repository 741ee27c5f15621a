import { seqOfWatermark } from '../behaviour/watermark.js';
import type { People, Person } from './people.js';

/** What became of the watermark of a request; undefined when none was given. */
export type WatermarkOutcome = 'applied' | 'gave_up' | undefined;

/** How long a request waits for its watermark: a page render has little more. */
export const WATERMARK_WAIT_MS = 200;
/** Between two looks at the person. */
const LOOK_EVERY_MS = 8;

export interface ReadYourWritesDeps {
  readonly people: People;
  /** Whether products and shops count everything up to `seq`, waiting at most `waitMs`. */
  readonly waitForItems: (seq: number, waitMs: number) => Promise<boolean>;
  /** Milliseconds that only rise. */
  readonly elapsedMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface ReadYourWrites {
  /** The person, once they and the products and shops of this process count what the watermark covers. */
  person(userId: string, watermark: string): Promise<{ person: Person; watermark: WatermarkOutcome }>;
  /** The same wait for a request about a product or shop. */
  items(watermark: string): Promise<WatermarkOutcome>;
}

/**
 * Reading what was acknowledged before: a request with a watermark waits until every event that it
 * covers is counted. It gives up in time and says so: a list that misses an event is better than none.
 */
export function createReadYourWrites(deps: ReadYourWritesDeps): ReadYourWrites {
  return {
    async person(userId, watermark) {
      const seq = seqOfWatermark(watermark);
      if (seq === undefined) return { person: await deps.people.readPerson(userId), watermark: undefined };
      const endMs = deps.elapsedMs() + WATERMARK_WAIT_MS;
      const items = deps.waitForItems(seq, WATERMARK_WAIT_MS);
      let person = await deps.people.readPerson(userId);
      while (person.appliedSeq < seq && deps.elapsedMs() < endMs) {
        await deps.sleep(LOOK_EVERY_MS);
        person = await deps.people.readPerson(userId);
      }
      const isApplied = (await items) && person.appliedSeq >= seq;
      return { person, watermark: isApplied ? 'applied' : 'gave_up' };
    },
    async items(watermark) {
      const seq = seqOfWatermark(watermark);
      if (seq === undefined) return undefined;
      return (await deps.waitForItems(seq, WATERMARK_WAIT_MS)) ? 'applied' : 'gave_up';
    },
  };
}
