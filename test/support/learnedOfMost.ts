import { HOURS_KEPT, type LearnedPerson } from '../../src/touch/learnedPerson.js';

/** As much as can be learned of a person: messages at more hours of the day than are remembered. */
export function learnedOfMost(): LearnedPerson {
  return {
    budgetLevel: 96,
    day: 1_980,
    sendsLevel: 81,
    opensLevel: 35,
    softNegativesLevel: 3,
    unsubscribesLevel: 1,
    hours: Array.from({ length: HOURS_KEPT }, (_, i) => ({
      hour: 8 + 2 * i,
      sendsLevel: 3 + i,
      openedFifteenths: (4 * i) % 16,
    })),
  };
}
