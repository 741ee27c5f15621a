import type { Behaviour } from '../behaviour/behaviour.js';
import type { EpochMs } from '../core/time.js';
import { LogPlayer } from './logPlayer.js';
import {
  type CatalogueEntry,
  type EvaluatedUser,
  type EvaluationSplit,
  evaluatedUser,
  History,
  splitBehaviours,
} from './split.js';
import { isTarget, type TargetKind } from './targets.js';

/** Why some people with a target are not asked. */
export interface LeftOut {
  /** Their last choice lies before the split: what is fitted there has seen it. */
  readonly beforeSplit: number;
  /** Their last choice is their first. */
  readonly firstChoice: number;
}

/** A question a person, and what is played between the questions. */
export interface LeaveLastOut {
  /** Its `users` are those who are asked, in order of time. */
  readonly split: EvaluationSplit;
  /** At or after the split, by time. */
  readonly later: readonly Behaviour[];
  readonly leftOut: LeftOut;
}

/**
 * Holds back each person's last choice: the targets of the last moment at which they did anything that is
 * a target (`isTarget`, by what they had ordered before that moment). A basket has one moment, and is
 * foretold as a whole. Asked are those whose last choice lies at or after the split and who had made
 * another at an earlier moment; each just before it, in the world as it was then.
 *
 * @throws InvalidInputError when `splitAtMs` is not a finite number.
 */
export function leaveLastOut(options: {
  behaviours: readonly Behaviour[];
  products: readonly CatalogueEntry[];
  splitAtMs: EpochMs;
  targetKind: TargetKind;
}): LeaveLastOut {
  const { splitAtMs, targetKind } = options;
  const atSplit = splitBehaviours(options);
  const byTime = options.behaviours.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs);
  const later = byTime.filter(({ occurredAtMs }) => occurredAtMs >= splitAtMs);

  const choices = lastChoices(byTime, targetKind);
  const asked = choices.filter(({ atMs, choices: made }) => made > 1 && atMs >= splitAtMs);
  asked.sort((a, b) => a.atMs - b.atMs || (a.userId < b.userId ? -1 : 1));
  const world = new LogPlayer({ split: atSplit, later, shops: [], products: options.products });
  const users = asked.map(({ userId, atMs, targets, history }): EvaluatedUser => {
    world.advance(atMs);
    const isKnown = (productId: string) => world.catalogue.has(productId);
    return evaluatedUser({ userId, askedAtMs: atMs, targets, history, isKnown });
  });
  return {
    split: { ...atSplit, protocol: 'leave-last-out', users },
    later,
    leftOut: {
      beforeSplit: choices.filter(({ atMs }) => atMs < splitAtMs).length,
      firstChoice: choices.filter(({ atMs, choices: made }) => made === 1 && atMs >= splitAtMs).length,
    },
  };
}

interface LastChoice {
  readonly userId: string;
  readonly atMs: EpochMs;
  readonly targets: ReadonlySet<string>;
  /** Strictly before it. */
  readonly history: History;
  /** Moments at which this person chose something, this one included. */
  readonly choices: number;
}

function lastChoices(byTime: readonly Behaviour[], targetKind: TargetKind): LastChoice[] {
  const byUser = new Map<string, Behaviour[]>();
  for (const behaviour of byTime) {
    const own = byUser.get(behaviour.userId);
    if (own) own.push(behaviour);
    else byUser.set(behaviour.userId, [behaviour]);
  }
  return [...byUser].flatMap(([userId, behaviours]) => {
    const moments = choiceMoments(behaviours, targetKind);
    const last = moments.at(-1);
    if (last === undefined) return [];
    const history = new History();
    for (const behaviour of behaviours) {
      if (behaviour.occurredAtMs < last.atMs) history.add(behaviour);
    }
    return [{ userId, ...last, history, choices: moments.length }];
  });
}

/** The moments at which one person chose something, and what; by what they had ordered before each. */
function choiceMoments(behaviours: readonly Behaviour[], targetKind: TargetKind) {
  const moments: { atMs: EpochMs; targets: Set<string> }[] = [];
  const orderedAtMs = new Map<string, EpochMs>();
  for (const { type, productId, occurredAtMs: atMs } of behaviours) {
    if (productId === undefined) continue;
    const ordered = (orderedAtMs.get(productId) ?? Number.POSITIVE_INFINITY) < atMs;
    if (isTarget(type, targetKind, ordered)) {
      const last = moments.at(-1);
      if (last?.atMs === atMs) last.targets.add(productId);
      else moments.push({ atMs, targets: new Set([productId]) });
    }
    if (type === 'purchase' && !orderedAtMs.has(productId)) orderedAtMs.set(productId, atMs);
  }
  return moments;
}
