import { parse, stringify } from 'yaml';
import { InvalidInputError, type Violation } from '../core/errors.js';
import { DAY_MS, type HalfLifeMs, HOUR_MS, halfLife } from '../core/time.js';
import { BEHAVIOUR_TYPES } from '../core/vocabulary.js';
import { JsonFields } from '../touch/jsonFields.js';
import { type BehaviourWeight, type BehaviourWeights, checkWeights, STARTING_WEIGHTS } from './weights.js';

/**
 * Weights from the text of a YAML or JSON file, by type of behaviour in the words of the vocabulary:
 *
 *     purchase: { weight: 8, half_life: 90d }
 *     browse: { weight: 1, half_life: 36h }
 *
 * A half-life is a number of days (`d`) or hours (`h`). What is left out, a type or one of the two, stays as in
 * `STARTING_WEIGHTS`; a name that is not known is refused. Throws `InvalidInputError` with everything that is
 * wrong, a broken order (T4) included.
 */
export function parseBehaviourWeights(text: string): BehaviourWeights {
  const violations: Violation[] = [];
  const root = new JsonFields('weights', parsed(text), violations);
  const given = BEHAVIOUR_TYPES.flatMap((type) => {
    const fields = root.optionalObject(type);
    return fields === undefined ? [] : [[type, weightOf(fields, STARTING_WEIGHTS[type])] as const];
  });
  root.refuseOthers(`is no type of behaviour: ${BEHAVIOUR_TYPES.join(', ')}`);
  if (given.length === 0 && violations.length === 0) {
    root.refuse('', `must name a type of behaviour: ${BEHAVIOUR_TYPES.join(', ')}`);
  }
  // Words that are wrong make every other finding doubtful, so those come alone.
  if (violations.length > 0) throw new InvalidInputError(violations);
  return checkWeights({ ...STARTING_WEIGHTS, ...Object.fromEntries(given) } as BehaviourWeights);
}

/** Weights as a file: `parseBehaviourWeights` reads them back as they were. */
export function writeBehaviourWeights(weights: BehaviourWeights): string {
  const lines = BEHAVIOUR_TYPES.map((type) => {
    const { weight, halfLifeMs } = weights[type];
    return [type, { weight, half_life: writtenHalfLife(halfLifeMs) }] as const;
  });
  return stringify(Object.fromEntries(lines), { collectionStyle: 'flow' })
    .replace(/^\{\s*/, '')
    .replace(/\s*\}\s*$/, '\n')
    .replaceAll(/,\n\s*/g, '\n');
}

function parsed(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch (cause) {
    const why = (cause as Error).message.trimEnd();
    throw new InvalidInputError({ field: 'weights', rule: `must be YAML or JSON: ${why}` });
  }
}

function weightOf(fields: JsonFields, otherwise: BehaviourWeight): BehaviourWeight {
  const weight = fields.optionalNumber('weight');
  const text = fields.optionalText('half_life');
  const halfLifeMs = text === undefined ? undefined : readHalfLife(text);
  if (text !== undefined && halfLifeMs === undefined) {
    fields.refuse('half_life', 'must be days or hours such as 14d or 36h');
  }
  fields.refuseOthers();
  return { weight: weight ?? otherwise.weight, halfLifeMs: halfLifeMs ?? otherwise.halfLifeMs };
}

const UNITS_MS = { d: DAY_MS, h: HOUR_MS } as const;

function readHalfLife(text: string): HalfLifeMs | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([dh])$/.exec(text);
  if (match === null) return undefined;
  return halfLife(Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS]);
}

/** In whole days where they are, or else in hours. */
export function writtenHalfLife(halfLifeMs: HalfLifeMs): string {
  const days = halfLifeMs / DAY_MS;
  return Number.isInteger(days) ? `${days}d` : `${halfLifeMs / HOUR_MS}h`;
}
