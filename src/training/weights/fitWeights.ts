import type { Behaviour } from '../../behaviour/behaviour.js';
import { type BehaviourWeights, checkWeights, REQUIRED_ORDER } from '../../behaviour/weights.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../../core/vocabulary.js';
import { LEAST_TO_LEARN_FROM } from '../../inference/manifest.js';
import { type ChoiceKind, choicesOf, type PersonChoices, type ProductPlace } from './choiceQuestions.js';
import { type EstimatedWeight, type Estimates, estimateWeights, peopleWith } from './estimateWeights.js';
import { orderedWeights } from './orderedWeights.js';
import { CHOSEN_BY } from './pastCounts.js';
import { refuseOneType, refuseOpen, refuseThin } from './refuseFit.js';
import { isWide, LEAST_PEOPLE, nothingOf, whyFitted, whyKept } from './whyTold.js';

/** What became of one type. */
export interface TypeFit {
  readonly type: BehaviourType;
  readonly behaviours: number;
  /** Before whose choices it stood. */
  readonly people: number;
  readonly before: number;
  readonly after: number;
  /** By the data alone, before the order of T4; absent where nothing was estimated. */
  readonly told?: EstimatedWeight;
  readonly outcome: 'reference' | 'fitted' | 'kept';
  /** In words. */
  readonly why: string;
}

export interface WeightsFit {
  readonly weights: BehaviourWeights;
  readonly choices: number;
  readonly people: number;
  /** All types, in the order of the vocabulary. */
  readonly types: readonly TypeFit[];
}

export interface FitWeightsOptions {
  /** In order of time. */
  readonly behaviours: readonly Behaviour[];
  readonly placeOf: (productId: string) => ProductPlace;
  /** In force until now. Their half-lives are those that are counted by, and stay. */
  readonly before: BehaviourWeights;
  readonly target: ChoiceKind;
  readonly seed: number;
  readonly onProgress?: (phase: 'count' | 'resample', done: number, total: number) => void;
}

/** People counted between two words on how far it is. */
const WORD_EVERY = 100;
/** Weights are written with so many digits: fewer than their intervals leave open. */
const DIGITS = 3;

/**
 * Fits the weights of behaviours to what people came back to (`choicesOf`, `estimateWeights`), in the order of T4
 * (`Estimates.inOrder`, `orderedWeights`). All are measured by the weakest type that tells of another. On the scale of
 * the answer a browse weighs 1; where it is not told, the type that all are measured by keeps its weight. What
 * the data do not tell keeps its place between its neighbours. The same log, options and seed give the same
 * answer, in whatever order people stand in it.
 *
 * @throws FailedPreconditionError when the data tell nothing: what is missing, and the way out
 */
export function fitWeights(options: FitWeightsOptions): WeightsFit {
  const { before } = options;
  const counts = countByType(options.behaviours);
  refuseOneType(counts);
  const people = choicesOfAll(options);
  const stoodBefore = new Map(CHOSEN_BY.map((type, at) => [type, peopleWith(people, at)]));
  const enough = CHOSEN_BY.filter(
    (type) =>
      (counts.get(type) as number) >= LEAST_TO_LEARN_FROM &&
      (stoodBefore.get(type) as number) >= LEAST_PEOPLE,
  ).sort((a, b) => before[a].weight - before[b].weight);
  if (enough.length < 2) refuseThin({ counts, people: people.length, enough });

  const onDraw = (done: number, total: number) => options.onProgress?.('resample', done, total);
  const estimates = estimateWeights({ ...options, people, onDraw });
  const measure = measured(estimates, enough, before);
  const types = typeFits({ estimates, measure, before, counts, stoodBefore });
  if (measure.told.size < 2) refuseOpen(types);
  const weights = Object.fromEntries(
    types.map(({ type, after: weight }) => [type, { ...before[type], weight }]),
  ) as BehaviourWeights;
  return {
    weights: checkWeights(weights),
    choices: people.reduce((sum, { questions }) => sum + questions.length, 0),
    people: people.length,
    types,
  };
}

/** What becomes of every type. */
function typeFits(found: {
  estimates: Estimates;
  measure: Measured;
  before: BehaviourWeights;
  counts: ReadonlyMap<BehaviourType, number>;
  stoodBefore: ReadonlyMap<BehaviourType, number>;
}): TypeFit[] {
  const { before } = found;
  const { reference, unit, nothing, alone, told } = found.measure;
  const chain = REQUIRED_ORDER.filter((type) => told.has(type));
  const likeliest = found.estimates.inOrder(chain, reference, unit);
  const ordered = orderedWeights(
    new Map([...told].map((type) => [type, likeliest.get(type) as number])),
    before,
  );
  // A scale on which a browse weighs 1, if it can be told what it weighs.
  const scale = told.has('browse') ? 1 / (ordered.get('browse') as number) : 1;
  return BEHAVIOUR_TYPES.map((type): TypeFit => {
    const facts = {
      type,
      behaviours: found.counts.get(type) as number,
      people: found.stoodBefore.get(type) ?? 0,
      before: before[type].weight,
      after: Number((scale * (ordered.get(type) as number)).toPrecision(DIGITS)),
    };
    if (type === reference) return { ...facts, outcome: 'reference', why: 'all others are measured by it' };
    const estimate = alone.get(type);
    if (estimate === undefined) return { ...facts, outcome: 'kept', why: whyKept(facts, 0) };
    const known = { ...facts, told: scaled(estimate, scale) };
    if (told.has(type)) return { ...known, outcome: 'fitted', why: whyFitted(known) };
    return { ...known, outcome: 'kept', why: whyKept(known, scale * nothing(type)) };
  });
}

interface Measured {
  readonly reference: BehaviourType;
  readonly unit: number;
  /** `nothingOf` a type. */
  readonly nothing: (type: BehaviourType) => number;
  readonly alone: ReadonlyMap<BehaviourType, EstimatedWeight>;
  /** The reference, and those whose intervals are narrow enough. */
  readonly told: ReadonlySet<BehaviourType>;
}

/** By the first type that leaves another told; by the first of all when none does. `enough` holds two, at least. */
function measured(
  estimates: Estimates,
  enough: readonly BehaviourType[],
  before: BehaviourWeights,
): Measured {
  const tries = enough.map((reference): Measured => {
    const unit = reference === 'browse' ? 1 : before[reference].weight;
    const measure = { before: before[reference].weight, unit };
    const nothing = (type: BehaviourType) => nothingOf(before[type].weight, measure);
    const alone = estimates.measuredBy(reference, unit);
    const narrow = (type: BehaviourType) => !isWide(alone.get(type) as EstimatedWeight, nothing(type));
    const told = new Set(enough.filter((type) => type === reference || narrow(type)));
    return { reference, unit, nothing, alone, told };
  });
  return tries.find(({ told }) => told.size > 1) ?? (tries[0] as Measured);
}

function scaled({ weight, low, high }: EstimatedWeight, scale: number): EstimatedWeight {
  return { weight: scale * weight, low: scale * low, high: scale * high };
}

function countByType(behaviours: readonly Behaviour[]): Map<BehaviourType, number> {
  const counts = new Map(BEHAVIOUR_TYPES.map((type) => [type, 0]));
  for (const { type } of behaviours) counts.set(type, (counts.get(type) as number) + 1);
  return counts;
}

/** By user id, so that the order of people in a log changes nothing. */
function choicesOfAll(options: FitWeightsOptions): PersonChoices[] {
  const byUser = new Map<string, Behaviour[]>();
  for (const behaviour of options.behaviours) {
    const own = byUser.get(behaviour.userId);
    if (own === undefined) byUser.set(behaviour.userId, [behaviour]);
    else own.push(behaviour);
  }
  const userIds = [...byUser.keys()].sort();
  const people = userIds.flatMap((userId, done) => {
    if (done % WORD_EVERY === 0) options.onProgress?.('count', done, userIds.length);
    const own = byUser.get(userId) as Behaviour[];
    const choices = choicesOf({ ...options, userId, own, weights: options.before });
    return choices.questions.length === 0 ? [] : [choices];
  });
  options.onProgress?.('count', userIds.length, userIds.length);
  return people;
}
