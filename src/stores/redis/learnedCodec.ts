import type { ByteReader, ByteWriter } from '../../projection/bytes.js';
import { HOURS_OF_DAY } from '../../touch/hourProfile.js';
import type { LearnedPerson } from '../../touch/learnedPerson.js';

/** Writes what was learned of a person, in the format of `touchLogFormat.ts`. */
export function writeLearned(to: ByteWriter, learned: LearnedPerson): void {
  to.uint(learned.budgetLevel, 1);
  to.uint(learned.day, 2);
  to.uint(learned.sendsLevel, 1);
  to.uint(learned.opensLevel, 1);
  to.uint((learned.softNegativesLevel << 4) | learned.unsubscribesLevel, 1);
  to.uint(
    learned.hours.reduce((mask, { hour }) => mask | (1 << hour), 0),
    3,
  );
  for (const { sendsLevel, openedFifteenths } of learned.hours) {
    to.uint((sendsLevel << 4) | openedFifteenths, 1);
  }
}

export function readLearned(from: ByteReader): LearnedPerson {
  const budgetLevel = from.uint8();
  const day = from.uint(2);
  const sendsLevel = from.uint8();
  const opensLevel = from.uint8();
  const negatives = from.uint8();
  const mask = from.uint(3);
  const hours = Array.from({ length: HOURS_OF_DAY }, (_, hour) => hour)
    .filter((hour) => (mask & (1 << hour)) !== 0)
    .map((hour) => {
      const counts = from.uint8();
      return { hour, sendsLevel: counts >> 4, openedFifteenths: counts & 0x0f };
    });
  return {
    budgetLevel,
    day,
    sendsLevel,
    opensLevel,
    softNegativesLevel: negatives >> 4,
    unsubscribesLevel: negatives & 0x0f,
    hours,
  };
}
