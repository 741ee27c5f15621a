import type { LoggedBehaviour } from '../../behaviour/behaviour.js';
import { emptyUserState, type UserState } from '../../tags/userState.js';

/** What the log holds of some ids up to a seq, of which nothing is still to become visible. */
export interface HistoryThrough {
  readonly behaviours: readonly LoggedBehaviour[];
  readonly throughSeq: number;
}

interface LinkedPerson {
  readonly memberIds: readonly string[];
  /** Undefined while none of the ids did anything. */
  state: UserState | undefined;
  /** Behaviours up to this seq were counted when the person was built. */
  throughSeq: number;
  /** What came while the histories were read; undefined once the person is built. */
  arrived: LoggedBehaviour[] | undefined;
}

/**
 * Whole persons of several ids (T7), each folded from what was done under all of them. Ids of one
 * person are built together from the log, and each behaviour that is applied afterwards is added, so
 * that none counts twice: whatever has a seq up to where the log was read was read, also when it is
 * applied later, and whatever is applied while the log is read waits until it has been.
 *
 * Persons are put together one call at a time.
 */
export class LinkedPersons {
  readonly #fold: (state: UserState, logged: LoggedBehaviour) => void;
  readonly #persons = new Map<string, LinkedPerson>();
  #building: LinkedPerson | undefined;

  constructor(fold: (state: UserState, logged: LoggedBehaviour) => void) {
    this.#fold = fold;
  }

  /** Whether the id is one of several of a person. */
  has(userId: string): boolean {
    return this.#persons.has(userId);
  }

  /** The whole person; undefined for one who did nothing. */
  stateOf(userId: string): UserState | undefined {
    return this.#persons.get(userId)?.state;
  }

  /** Counts a behaviour for whoever of the persons did it. */
  apply(logged: LoggedBehaviour): void {
    const { userId } = logged.behaviour;
    const person = this.#persons.get(userId);
    if (person !== undefined) this.#count(person, logged);
    if (this.#building?.memberIds.includes(userId)) this.#building.arrived?.push(logged);
  }

  /** Puts ids together of which nothing was applied yet: at a start, before the log is replayed. */
  begin(memberIds: readonly string[]): void {
    this.#install({ memberIds, state: undefined, throughSeq: 0, arrived: undefined });
  }

  /** Puts ids together, whatever persons they belonged to. Readers see the former ones until it is done. */
  async join(memberIds: readonly string[], read: () => Promise<HistoryThrough>): Promise<void> {
    const person: LinkedPerson = { memberIds, state: undefined, throughSeq: 0, arrived: [] };
    this.#building = person;
    try {
      const { behaviours, throughSeq } = await read();
      for (const logged of behaviours) this.#count(person, logged);
      person.throughSeq = throughSeq;
      for (const logged of person.arrived ?? []) this.#count(person, logged);
      person.arrived = undefined;
      this.#install(person);
    } finally {
      this.#building = undefined;
    }
  }

  /** The id is a person of its own again. */
  part(userId: string): void {
    this.#persons.delete(userId);
  }

  #install(person: LinkedPerson): void {
    for (const userId of person.memberIds) this.#persons.set(userId, person);
  }

  #count(person: LinkedPerson, logged: LoggedBehaviour): void {
    if (logged.seq <= person.throughSeq) return;
    person.state ??= emptyUserState(person.memberIds[0] as string);
    this.#fold(person.state, logged);
  }
}
