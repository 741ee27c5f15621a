import { UnavailableError } from '../core/errors.js';
import { type Clock, DAY_MS, MINUTE_MS } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { habitsSeen } from './habitsSeen.js';
import type { HabitsStore } from './habitsStore.js';
import { HOUR_HORIZON_MS } from './hourStretches.js';
import type { LearnedPerson } from './learnedPerson.js';
import { type LearnerDeps, learnedOfBy } from './learner.js';
import type { LearningHistory } from './learningHistory.js';
import type { TouchLedger } from './touchLedger.js';
import type { TouchStore } from './touchStore.js';

/** How long habits are believed before people are looked at again. */
export const HABITS_HOLD_MS = DAY_MS;
/**
 * By then every server knows of new habits: what happens later is taken by them, by whomever. And no wait for a good
 * hour that was answered before reaches beyond: `not_before` stays exact though habits change by themselves.
 */
export const HABITS_NOTICE_MS = HOUR_HORIZON_MS + 10 * MINUTE_MS;
/** Entries of the ledger, the last, whose people are looked at, and how many of these at most. */
const ENTRIES_LOOKED_AT = 20_000;
const PEOPLE_LOOKED_AT = 2_000;
const PAGE = 1_000;
const PEOPLE_A_STEP = 200;

export interface RefreshHabitsDeps {
  readonly ledger: Pick<TouchLedger, 'read' | 'lastSeq'>;
  readonly store: Pick<TouchStore, 'readMany'>;
  readonly peopleOf: LearnerDeps['peopleOf'];
  readonly habits: Pick<HabitsStore, 'append'>;
  readonly history: LearningHistory;
  readonly clock: Clock;
}

/**
 * Looks once a day how the people of each segment treated messages lately, and puts that into force as
 * what is believed of people like them. Bounded, however many people there are: those of the last entries
 * of the ledger stand for all. Any number of servers may call it; rejects with `UnavailableError`.
 */
export async function refreshHabits(deps: RefreshHabitsDeps): Promise<void> {
  const { habits, history, clock } = deps;
  const times = await history.times();
  const fromMs = clock.nowMs() + HABITS_NOTICE_MS;
  const lastFromMs = history.lastHabits?.fromMs ?? Number.NEGATIVE_INFINITY;
  if (!times.isAny || fromMs < lastFromMs + HABITS_HOLD_MS) return;
  const segments = habitsSeen(await peopleLately(deps));
  if (segments.length === 0) return;
  await habits.append({ fromMs, segments }, { unlessAfterMs: fromMs - HABITS_HOLD_MS / 2 });
  await history.times();
}

async function peopleLately({
  ledger,
  store,
  peopleOf,
}: RefreshHabitsDeps): Promise<{ traits: Traits; learned: LearnedPerson }[]> {
  const userIds = new Set<string>();
  const head = await ledger.lastSeq();
  for (let afterSeq = Math.max(0, head - ENTRIES_LOOKED_AT); ; ) {
    const page = await ledger.read({ afterSeq, limit: PAGE });
    for (const userId of page.flatMap(learnedOfBy)) userIds.add(userId);
    afterSeq = page.at(-1)?.seq ?? afterSeq;
    if (page.length < PAGE || userIds.size >= PEOPLE_LOOKED_AT) break;
  }
  const seen = new Map<string, { traits: Traits; learned: LearnedPerson }>();
  const all = [...userIds].slice(0, PEOPLE_LOOKED_AT);
  for (let start = 0; start < all.length; start += PEOPLE_A_STEP) {
    const people = await peopleOf(all.slice(start, start + PEOPLE_A_STEP));
    const logs = await store.readMany(people.map(({ homeId }) => homeId));
    people.forEach(({ homeId, traits }, i) => {
      const log = logs[i];
      if (log === undefined || log instanceof UnavailableError || log.learned === undefined) return;
      seen.set(homeId, { traits, learned: log.learned });
    });
  }
  return [...seen.values()];
}
