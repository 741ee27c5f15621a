import { foldPerson, type PersonFacts } from './foldPerson.js';
import { historyIdOf } from './historyIdOf.js';
import type { LearnedPerson } from './learnedPerson.js';
import type { LearningTimes } from './learningTimes.js';
import type { LoggedTouchEntry, TouchLedger } from './touchLedger.js';
import type { TouchStore } from './touchStore.js';

/** A person as the truth has them. */
export interface LearnerPerson extends PersonFacts {
  /** The id that their touches are kept under. */
  readonly homeId: string;
  /** All their ids. */
  readonly memberIds: readonly string[];
}

export interface LearnerDeps {
  readonly store: Pick<TouchStore, 'learn'>;
  readonly ledger: Pick<TouchLedger, 'evidenceOf' | 'idsAfter'>;
  /** The persons of these ids, in the order given. */
  readonly peopleOf: (userIds: readonly string[]) => Promise<readonly LearnerPerson[]>;
  readonly times: () => Promise<LearningTimes>;
}

export interface Learner {
  /** Whether anything is or ever was to be learned. */
  isOn(): Promise<boolean>;
  /** Learns anew of the persons of these ids, and keeps it in their logs. */
  learn(userIds: readonly string[]): Promise<void>;
  /**
   * The homes of all who were ever touched and of whom `isWanted` says so, in pages; one of several ids may
   * come more than once.
   */
  homes(isWanted: (homeId: string) => boolean): AsyncIterable<readonly string[]>;
  /** What there is to know of the persons of these homes, in the order given; writes nothing. */
  fold(homeIds: readonly string[]): Promise<(LearnedPerson | undefined)[]>;
}

/** People folded at a time: some ten milliseconds of work. */
const PEOPLE_A_STEP = 100;
const PEOPLE_A_PAGE = 500;

/**
 * Learns of people from the truth: four reads of it for many people at once. All rejects with
 * `UnavailableError` when an engine fails.
 */
export function createLearner({ store, ledger, peopleOf, times }: LearnerDeps): Learner {
  async function isOn(): Promise<boolean> {
    return (await times()).isAny;
  }

  async function learn(userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0 || !(await isOn())) return;
    const people = await peopleOf(userIds);
    const homeIds = [...new Set(people.map(({ homeId }) => homeId))];
    for (let start = 0; start < homeIds.length; start += PEOPLE_A_STEP) {
      await store.learn(homeIds.slice(start, start + PEOPLE_A_STEP), fold);
    }
  }

  async function fold(homeIds: readonly string[]): Promise<(LearnedPerson | undefined)[]> {
    const [people, inForce] = await Promise.all([peopleOf(homeIds), times()]);
    const entries = await ledger.evidenceOf(people.flatMap(({ memberIds }) => memberIds));
    const entriesOf = new Map<string, LoggedTouchEntry[]>();
    for (const entry of entries) {
      const userId = historyIdOf(entry) ?? entry.userId;
      const own = entriesOf.get(userId);
      if (own === undefined) entriesOf.set(userId, [entry]);
      else own.push(entry);
    }
    return people.map((person, i) => {
      // Whose home is elsewhere by now is learned of there.
      if (person.homeId !== homeIds[i]) return undefined;
      const own = person.memberIds.flatMap((userId) => entriesOf.get(userId) ?? []);
      return foldPerson(own, { ...person, times: inForce });
    });
  }

  async function* homes(isWanted: (homeId: string) => boolean): AsyncGenerator<string[]> {
    for (let afterId = ''; ; ) {
      const userIds = await ledger.idsAfter({ afterId, limit: PEOPLE_A_PAGE });
      const last = userIds.at(-1);
      if (last === undefined) return;
      const people = await peopleOf(userIds);
      yield [...new Set(people.map(({ homeId }) => homeId).filter(isWanted))];
      afterId = last;
    }
  }

  return { isOn, learn, homes, fold };
}

/** Whose patience or hours an entry may say something about. */
export function learnedOfBy(entry: LoggedTouchEntry): string[] {
  switch (entry.kind) {
    case 'committed':
      return [entry.userId];
    case 'outcome':
      return entry.outcome === 'delivered' ? [] : [entry.userId];
    case 'home':
      return [entry.userId, entry.memberId];
    case 'reserved':
    case 'refused':
    case 'released':
    case 'taken':
    case 'mark':
      return [];
  }
}
