import type { ChoiceQuestion } from './choiceQuestions.js';

/** Questions row by row, of some of the types. */
export interface QuestionTable {
  readonly rows: number;
  readonly width: number;
  readonly chosen: Float64Array;
  readonly all: Float64Array;
}

export function questionTable(
  questions: readonly ChoiceQuestion[],
  columns: readonly number[],
): QuestionTable {
  const only = (counts: Float64Array) => columns.map((column) => counts[column] as number);
  return {
    rows: questions.length,
    width: columns.length,
    chosen: Float64Array.from(questions.flatMap(({ chosen }) => only(chosen))),
    all: Float64Array.from(questions.flatMap(({ all }) => only(all))),
  };
}

/**
 * The table in which a weight is a step: each column of `chain` (strongest first) counts for itself and for all that are
 * stronger. Weights that rise by steps of at least 0 are in order, so the likeliest steps give the likeliest weights in
 * order: isotonic regression for choices.
 */
export function cumulated(table: QuestionTable, chain: readonly number[]): QuestionTable {
  const { rows, width } = table;
  const sums = (counts: Float64Array): Float64Array => {
    const summed = Float64Array.from(counts);
    for (let from = 0; from < rows * width; from += width) {
      let stronger = 0;
      for (const at of chain) {
        stronger += counts[from + at] as number;
        summed[from + at] = stronger;
      }
    }
    return summed;
  };
  return { rows, width, chosen: sums(table.chosen), all: sums(table.all) };
}

const MOST_ROUNDS = 1_000;
/** The fit ends when no weight moves by more than this part of itself in a round. */
const SETTLED_RATIO = 1e-4;
/** A weight below this part of the heaviest is as good as none: it need not settle. */
const NOTHING_RATIO = 1e-3;

/**
 * The weights by which the choices are likeliest when each thing is chosen with a probability in proportion
 * to its strength, the weighted sum of what was done with it (Luce's choice axiom, 1959; the same as Poisson
 * rates in that proportion, whatever a person's own pace). Only their ratios mean something. `times` is how often
 * each row counts.
 *
 * Each round divides what a type made of the strengths of what was chosen by what it would have made by the
 * weights of the round before, so weights stay at or above 0 and the likelihood never falls (a minorisation
 * as in Hunter, "MM algorithms for generalized Bradley-Terry models", 2004).
 */
export function fitStrengths(table: QuestionTable, times: Float64Array, start: Float64Array): Float64Array {
  const weights = Float64Array.from(start);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (settle(weights, partsOf(table, times, weights))) break;
  }
  return weights;
}

/** Over all rows, by type: its part of what was chosen, and of all there was by a weight of 1. */
interface Parts {
  readonly chosen: Float64Array;
  readonly all: Float64Array;
}

function partsOf(table: QuestionTable, times: Float64Array, weights: Float64Array): Parts {
  const { rows, width, chosen, all } = table;
  const parts = { chosen: new Float64Array(width), all: new Float64Array(width) };
  for (let row = 0, from = 0; row < rows; row++, from += width) {
    const count = times[row] as number;
    if (count === 0) continue;
    let ofChosen = 0;
    let ofAll = 0;
    for (let at = 0; at < width; at++) {
      const weight = weights[at] as number;
      ofChosen += weight * (chosen[from + at] as number);
      ofAll += weight * (all[from + at] as number);
    }
    // Decayed beyond what a number holds: nothing to compare.
    if (!(ofChosen > 0 && ofAll > 0)) continue;
    for (let at = 0; at < width; at++) {
      const part = (weights[at] as number) * (chosen[from + at] as number);
      parts.chosen[at] = (parts.chosen[at] as number) + (count * part) / ofChosen;
      parts.all[at] = (parts.all[at] as number) + (count * (all[from + at] as number)) / ofAll;
    }
  }
  return parts;
}

/** Takes a round's weights over; whether they moved no more. */
function settle(weights: Float64Array, parts: Parts): boolean {
  const heaviest = Math.max(...weights);
  let isSettled = true;
  for (let at = 0; at < weights.length; at++) {
    if (parts.all[at] === 0) continue;
    const before = weights[at] as number;
    const after = (parts.chosen[at] as number) / (parts.all[at] as number);
    weights[at] = after;
    const counts = Math.max(before, after) > NOTHING_RATIO * heaviest;
    if (counts && Math.abs(after - before) > SETTLED_RATIO * before) isSettled = false;
  }
  return isSettled;
}
