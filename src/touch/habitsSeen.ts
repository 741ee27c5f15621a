import type { Traits } from '../core/traits.js';
import type { Habits } from './habits.js';
import { MAX_SEGMENTS, segmentsOf } from './habitsBySegment.js';
import { HOURS_OF_DAY } from './hourProfile.js';
import { type LearnedPerson, learnedCounts, learnedHours } from './learnedPerson.js';
import { type AnswerCounts, fitSegmentPrior } from './segmentPrior.js';

/** Fewer people are no habit: their segment goes by a wider one. */
export const LEAST_PEOPLE = 30;
/** Sends that the segment's mean is worth in each hour of its curve. */
const CURVE_STRENGTH = 50;

interface Segment {
  readonly counts: AnswerCounts[];
  readonly sends: number[];
  readonly opens: number[];
}

/**
 * The habits of all segments of whom enough people were seen, everybody's first, then those of most
 * people. Somebody counts in each segment that they are of (`segmentsOf`); who was never sent anything
 * counts in none.
 */
export function habitsSeen(
  people: Iterable<{ readonly traits: Traits; readonly learned: LearnedPerson }>,
): Habits[] {
  const segments = new Map<string, Segment>();
  for (const { traits, learned } of people) {
    const counts = learnedCounts(learned);
    if (counts.sends === 0) continue;
    const hours = learnedHours(learned);
    for (const name of segmentsOf(traits)) {
      const segment = segmentAt(segments, name);
      segment.counts.push(counts);
      for (let hour = 0; hour < HOURS_OF_DAY; hour += 1) {
        segment.sends[hour] = (segment.sends[hour] ?? 0) + (hours.sends[hour] ?? 0);
        segment.opens[hour] = (segment.opens[hour] ?? 0) + (hours.opens[hour] ?? 0);
      }
    }
  }
  return [...segments]
    .filter(([, { counts }]) => counts.length >= LEAST_PEOPLE)
    .map(([segment, seen]) => habitsIn(segment, seen))
    .sort((a, b) => b.people - a.people || (a.segment < b.segment ? -1 : 1))
    .slice(0, MAX_SEGMENTS);
}

function habitsIn(segment: string, { counts, sends, opens }: Segment): Habits {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const prior = fitSegmentPrior(counts);
  const mean = (sum(opens) + prior.openRatio) / (sum(sends) + 1);
  return {
    segment,
    people: counts.length,
    prior,
    openCurve: sends.map(
      (count, hour) => ((opens[hour] ?? 0) + CURVE_STRENGTH * mean) / (count + CURVE_STRENGTH),
    ),
  };
}

function segmentAt(segments: Map<string, Segment>, name: string): Segment {
  let segment = segments.get(name);
  if (segment === undefined) {
    const none = () => new Array<number>(HOURS_OF_DAY).fill(0);
    segment = { counts: [], sends: none(), opens: none() };
    segments.set(name, segment);
  }
  return segment;
}
