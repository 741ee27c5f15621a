import { givesWay, type PlainQuestion, type PlainTouch, plainAnswer } from './plainRules.js';

/**
 * C4: of those that give way the fewest without which the message may go out; the lowest priority first, then
 * the one reserved last. Every choice is tried. Of nothing that is in doubt.
 */
export function plainTakes(touches: readonly PlainTouch[], question: PlainQuestion): readonly PlainTouch[] {
  const lower = touches
    .filter(({ content, standings }) => standings.some((one) => givesWay({ content, one }, question)))
    .toSorted((a, b) => priorityOf(a) - priorityOf(b) || b.reservedAtMs - a.reservedAtMs);
  for (let count = 0; count <= lower.length; count += 1) {
    for (const chosen of choicesOf(lower, count)) {
      const left = touches.filter((touch) => !chosen.includes(touch));
      if (plainAnswer(left, question, 'most').opensMs === question.nowMs) return chosen;
    }
  }
  return [];
}

/** In the order of the first, then the second… */
function choicesOf<One>(all: readonly One[], count: number): readonly (readonly One[])[] {
  if (count === 0) return [[]];
  return all.flatMap((first, i) => choicesOf(all.slice(i + 1), count - 1).map((rest) => [first, ...rest]));
}

function priorityOf({ content: { priority = 0 } }: PlainTouch): number {
  return priority;
}
