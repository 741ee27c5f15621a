import type { WordsByTag } from '../catalog/overrideWord.js';
import { norm, type SparseVector } from '../core/vectors.js';

export interface OverriddenVector {
  readonly vector: Map<string, number>;
  /** What the weights of tags that were learned are multiplied by to leave room for the others; 1 where none are. */
  readonly room: number;
  /** Tags whose weight is the operator's. */
  readonly given: ReadonlySet<string>;
}

/** What rounding may add to weights that fill the vector. */
const ROUNDING = 1e-9;

/** Whether what was learned of a tag has no say: it is locked, or must not be there. */
export function isSettled(words: WordsByTag | undefined, tag: string): boolean {
  const action = words?.get(tag)?.word.action;
  return action === 'lock' || action === 'veto';
}

/**
 * A person's taste as an operator has it read. `learned` is without the tags that are settled, and of
 * length 1 (or empty). Locked tags have exactly their weight, added ones at least theirs, and all others
 * share what is left of the length 1 in the proportions that were learned:
 * `w_t = l_t·√((1 − Σ given²)/Σ l²)`. Where nothing was learned the vector is as long as what was given.
 *
 * A tag that was added takes its own weight where it would be left with less, which leaves the others
 * less in turn, until no more do. The room only shrinks, so that the order does not matter.
 */
export function overriddenVector(learned: SparseVector, words: WordsByTag | undefined): OverriddenVector {
  if (words === undefined) return { vector: new Map(learned), room: 1, given: new Set() };
  const given = new Map<string, number>();
  const added = new Map<string, number>();
  for (const [tag, { word }] of words) {
    if (word.action === 'veto') continue;
    // Whatever room there is, what was not learned or is disliked does not come up to a weight above 0.
    if (word.action === 'lock' || (learned.get(tag) ?? 0) <= 0) given.set(tag, word.weight);
    else added.set(tag, word.weight);
  }
  let room = roomBeside(given, learned);
  for (let isMoved = true; isMoved; ) {
    isMoved = false;
    for (const [tag, weight] of added) {
      if (given.has(tag) || (learned.get(tag) ?? 0) * room >= weight) continue;
      given.set(tag, weight);
      isMoved = true;
    }
    room = roomBeside(given, learned);
  }
  // Each id of a person keeps the bound of `refuseBrokenBounds`, and together they may exceed it.
  const length = norm(given);
  const shrunk = length > 1 + ROUNDING ? length : 1;
  const vector = new Map<string, number>();
  for (const [tag, weight] of learned) {
    if (room > 0 && !given.has(tag)) vector.set(tag, weight * room);
  }
  for (const [tag, weight] of given) vector.set(tag, weight / shrunk);
  return { vector, room, given: new Set(given.keys()) };
}

function roomBeside(given: ReadonlyMap<string, number>, learned: SparseVector): number {
  let squares = 0;
  for (const [tag, weight] of learned) if (!given.has(tag)) squares += weight * weight;
  const left = 1 - norm(given) ** 2;
  return squares === 0 || left <= 0 ? 0 : Math.sqrt(left / squares);
}
