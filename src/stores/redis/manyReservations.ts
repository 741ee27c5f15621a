import { UnavailableError } from '../../core/errors.js';
import { partitionOf } from '../../core/partitions.js';
import { reserveManyInLog } from '../../touch/reserveManyInLog.js';
import type { OneOfMany, Reservation, ReserveOutcome } from '../../touch/touchStore.js';
import { inChunks } from './chunks.js';
import {
  isInPlace,
  type PackedLog,
  type PackedTouchLogs,
  PEOPLE_A_SCRIPT,
  type ReplacementAnswer,
} from './packedTouchLogs.js';
import { packTouchLog } from './touchLogCodec.js';
import { isSameLog, MAX_ATTEMPTS, pauseAfter, unpackedLog } from './touchLogRace.js';
import type { Turns } from './turns.js';

export interface ManyReservationsOptions {
  readonly logs: PackedTouchLogs;
  readonly turns: Turns;
  /** See `RedisTouchStoreOptions`. */
  readonly minReplicas: number;
  readonly patienceMs: number;
}

/** All reservations of a call for one log, and where their outcomes belong. */
interface OfLog {
  readonly homeId: string;
  readonly reservations: readonly Reservation[];
  readonly places: readonly number[];
}

/** A log as it was read, and what it is to become. */
interface Decided {
  readonly ofLog: OfLog;
  readonly read: PackedLog;
  readonly wanted: PackedLog;
  readonly outcomes: readonly OneOfMany<ReserveOutcome>[];
}

type Outcomes = OneOfMany<ReserveOutcome>[];

/**
 * `TouchStore.reserveMany` in Redis: `reserve` for a hundred people at a time, of neighbouring
 * partitions. For each hundred two round trips, and one more while some of them lost a race; those
 * alone are decided anew. The hundred are the most that one script changes, which keeps the server
 * from everybody else for less than a millisecond, and the most whose turns are taken at once.
 */
export async function reserveManyInRedis(
  reservations: readonly Reservation[],
  options: ManyReservationsOptions,
): Promise<Outcomes> {
  const outcomes = new Array<OneOfMany<ReserveOutcome>>(reservations.length);
  let failure: UnavailableError | undefined;
  for (const people of inChunks(byPartition(reservations), PEOPLE_A_SCRIPT)) {
    // Where Redis is gone the others need not wait it out one hundred after the other.
    if (failure === undefined) failure = await reserveOfPeople(people, { ...options, outcomes });
    if (failure !== undefined) settle(people, { outcomes, by: failure });
  }
  return outcomes;
}

/** Fills in the outcomes; where it answers with an error, those that are still open failed by it. */
async function reserveOfPeople(
  people: readonly OfLog[],
  { logs, turns, minReplicas, patienceMs, outcomes }: ManyReservationsOptions & { outcomes: Outcomes },
): Promise<UnavailableError | undefined> {
  const arrivedMs = performance.now();
  return turns.takeAll(
    people.map(({ homeId }) => homeId),
    async (endTurn) => {
      if (performance.now() - arrivedMs > patienceMs) {
        settle(people, { outcomes, by: new UnavailableError('redis: earlier calls took too long') });
        return undefined;
      }
      const finish = (ofLog: OfLog, given: Decided['outcomes'] | UnavailableError): void => {
        ofLog.places.forEach((place, i) => {
          outcomes[place] = given instanceof UnavailableError ? given : given[i]!;
        });
        endTurn(ofLog.homeId);
      };
      /** What is left to be written of logs as they were read. */
      const decide = (ofLog: OfLog, read: PackedLog | UnavailableError): Decided[] => {
        if (read instanceof UnavailableError) {
          finish(ofLog, read);
          return [];
        }
        const decided = decidedOn(ofLog, read);
        if (decided instanceof UnavailableError) finish(ofLog, decided);
        else if (!isSameLog(decided.wanted, read)) return [decided];
        // As in single calls, a repeated answer is written once more.
        else if (minReplicas > 0 && decided.outcomes.some(isPromise)) return [decided];
        else finish(ofLog, decided.outcomes);
        return [];
      };

      try {
        const read = await logs.readMany(people.map(({ homeId }) => homeId));
        let pending = people.flatMap((ofLog, i) => decide(ofLog, read[i]!));
        for (let attempt = 0; pending.length > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
          if (attempt > 0) await pauseAfter(attempt - 1);
          const answers = await logs.replaceMany(
            pending.map(({ ofLog: { homeId }, read: before, wanted }) => ({
              userId: homeId,
              read: before,
              wanted,
            })),
          );
          pending = pending.flatMap(({ ofLog, outcomes: decided }, i) => {
            const answer: ReplacementAnswer | UnavailableError = answers[i]!;
            if (answer instanceof UnavailableError || !isInPlace(answer)) return decide(ofLog, answer);
            finish(ofLog, decided);
            return [];
          });
        }
        const lost = new UnavailableError('redis: too many others change the same touch logs');
        for (const { ofLog } of pending) finish(ofLog, lost);
        return undefined;
      } catch (error) {
        if (error instanceof UnavailableError) return error;
        throw error;
      }
    },
  );
}

function decidedOn(ofLog: OfLog, read: PackedLog): Decided | UnavailableError {
  const { homeId, reservations } = ofLog;
  try {
    const before = unpackedLog(homeId, read);
    const { log, outcome } = reserveManyInLog({ ownerId: homeId, log: before }, reservations);
    return { ofLog, read, wanted: log === before ? read : packTouchLog(homeId, log), outcomes: outcome };
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

/** Whether somebody acts on it, so that it must outlive the primary. */
function isPromise(outcome: OneOfMany<ReserveOutcome>): boolean {
  return !(outcome instanceof Error) && (outcome.kind === 'granted' || outcome.kind === 'repeated');
}

/** Those that have no outcome yet fail. */
function settle(
  people: readonly OfLog[],
  { outcomes, by }: { outcomes: Outcomes; by: UnavailableError },
): void {
  for (const { places } of people) for (const place of places) outcomes[place] ??= by;
}

function byPartition(reservations: readonly Reservation[]): OfLog[] {
  const ofLogs = new Map<string, { homeId: string; reservations: Reservation[]; places: number[] }>();
  reservations.forEach((reservation, place) => {
    const { userId, homeId = userId } = reservation;
    const ofLog = ofLogs.get(homeId) ?? { homeId, reservations: [], places: [] };
    ofLog.reservations.push(reservation);
    ofLog.places.push(place);
    ofLogs.set(homeId, ofLog);
  });
  return [...ofLogs.values()]
    .map((ofLog) => ({ ofLog, partition: partitionOf(ofLog.homeId) }))
    .sort((a, b) => a.partition - b.partition)
    .map(({ ofLog }) => ofLog);
}
