import { type BehaviourWeights, REQUIRED_ORDER } from '../../behaviour/weights.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../core/vocabulary.js';

/** Each type of T4 weighs more than the next by at least this factor. */
export const LEAST_STEP = 1.05;

/**
 * All weights from those that the data tell (above 0), in the order of T4 by a small step, which raises the stronger
 * type. Every other type keeps its place between its neighbours by `before`, on the scale of ratios; also those
 * that count against: what is taken back weighs beside what was given.
 */
export function orderedWeights(
  told: ReadonlyMap<BehaviourType, number>,
  before: BehaviourWeights,
): Map<BehaviourType, number> {
  const anchors = anchorsOf(told, before);
  const sizes = new Map(told);
  let weaker = 0;
  for (const type of REQUIRED_ORDER.toReversed()) {
    const size = told.get(type) ?? placed(before[type].weight, anchors);
    weaker = Math.max(size, weaker * LEAST_STEP);
    sizes.set(type, weaker);
  }
  const settled = anchorsOf(new Map([...sizes].filter(([type]) => told.has(type))), before);
  return new Map(
    BEHAVIOUR_TYPES.map((type) => {
      const { weight } = before[type];
      const size = sizes.get(type) ?? placed(Math.abs(weight), settled);
      return [type, Math.sign(weight) * size];
    }),
  );
}

/** A weight before and after. */
interface Anchor {
  readonly before: number;
  readonly after: number;
}

/** From the lightest to the heaviest before. */
function anchorsOf(after: ReadonlyMap<BehaviourType, number>, before: BehaviourWeights): Anchor[] {
  return [...after]
    .map(([type, weight]) => ({ before: before[type].weight, after: weight }))
    .sort((a, b) => a.before - b.before);
}

/** Where a weight goes: in the same place between its neighbours, on the scale of ratios. */
function placed(weight: number, anchors: readonly Anchor[]): number {
  const above = anchors.find(({ before }) => before >= weight);
  const below = anchors.findLast(({ before }) => before <= weight);
  if (above === undefined || below === undefined || above === below) {
    const nearest = (above ?? below) as Anchor;
    return (nearest.after * weight) / nearest.before;
  }
  if (above.before === below.before) return Math.sqrt(above.after * below.after);
  const part = Math.log(weight / below.before) / Math.log(above.before / below.before);
  return below.after * (above.after / below.after) ** part;
}
