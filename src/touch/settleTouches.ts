import { UnavailableError } from '../core/errors.js';
import type { Clock } from '../core/time.js';
import type { IdentityStore } from '../identity/identityStore.js';
import { entriesOfLog, homeEntries, markEntries } from './homeEntries.js';
import { partOfLog, type TouchArrival } from './joinTouchLogs.js';
import { type ConsentMark, isConsent, withMark } from './leaveAlone.js';
import { homeIn, TouchesMovedError, type TouchHome, wordOn } from './touchHome.js';
import type { TouchLedger, TouchLedgerEntry } from './touchLedger.js';
import { type TouchPolicy, touchRetentionMs } from './touchPolicy.js';
import type { TouchStore } from './touchStore.js';
import type { UserTouchLog } from './userTouchLog.js';

export interface SettleTouchesDeps {
  readonly store: Pick<TouchStore, 'read' | 'takeIn' | 'restore'>;
  readonly ledger: Pick<TouchLedger, 'append' | 'wordsOf'>;
  readonly identities: Pick<IdentityStore, 'personOf' | 'membersOf'>;
  readonly policy: () => TouchPolicy;
  readonly clock: Clock;
}

/** Where the truth wants the touches of a person's ids to be. */
interface Wanted {
  readonly homeId: string;
  readonly words: readonly TouchHome[];
}

type Trail = ReadonlyMap<string, UserTouchLog>;

/** The truth, or the logs, changing again and again while touches follow. */
const MAX_ATTEMPTS = 8;

/** `parted` when the ids were one person with others until now. */
export type SettleTouches = (userId: string, options?: { parted?: boolean }) => Promise<void>;

/**
 * Brings the touches of the person of an id to where the truth about identities wants them: under the
 * id that the person is named after (T7, C6). When it resolves, caps are decided in that one log, by
 * all touches of all ids, and the ledger can make it anew.
 *
 * First every other log in which touches of these ids lie is closed to them, then the home takes them
 * in: at no moment are they decided on in two places, nor is one lost that was given out until the
 * close. Then the ledger, and last the closed logs are emptied. Killed anywhere, or done by several at
 * once, doing it again completes it, and what is settled is left alone (one read a log). An older word
 * of the truth never undoes a later one.
 *
 * Rejects with `UnavailableError`; touches may then be on their way, and be refused, until it is done
 * again: by a repeat of the caller, or by whoever needs them next (`atHome`).
 */
export function createSettleTouches(deps: SettleTouchesDeps): SettleTouches {
  const { store, ledger, identities, policy, clock } = deps;

  return async function settleTouches(userId, { parted = false } = {}) {
    const settled = await settlePersonOf(userId);
    if (settled === undefined) return;
    const { homeId } = settled;
    const persons = [settled];
    for (const guestId of guestsOf(await store.read(homeId), settled)) {
      const guest = await settlePersonOf(guestId, { formerHomeId: homeId });
      if (guest !== undefined) persons.push(guest);
    }
    if (parted) for (const person of persons) await heedOwnWords(person);
  };

  /**
   * While ids were one person the word of any held for all. Of ids that part again, what they said
   * themselves holds beside it: in doubt they are left alone.
   */
  async function heedOwnWords({ homeId, words }: Wanted): Promise<void> {
    const said = await ledger.wordsOf(words.map(({ userId }) => userId));
    const ownWords = said.reduce<readonly ConsentMark[]>(
      (marks, { outcome, channel, atMs }) =>
        isConsent(outcome)
          ? withMark(marks, { ...(channel !== undefined && { channel }), outcome, atMs })
          : marks,
      [],
    );
    if (ownWords.length === 0) return;
    const { log } = await store.takeIn({ userId: homeId, homes: [], arrivals: [], ownWords });
    await ledger.append(markEntries(log.marks, homeId));
  }

  /** What was settled; undefined for an id that was never linked. */
  async function settlePersonOf(
    userId: string,
    { formerHomeId }: { formerHomeId?: string } = {},
  ): Promise<Wanted | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const wanted = await readWanted(userId);
      try {
        if (wanted !== undefined) await settle(wanted, formerHomeId);
        return wanted;
      } catch (error) {
        // The truth has gone on meanwhile, and somebody with it.
        if (!(error instanceof TouchesMovedError)) throw error;
      }
    }
    throw new UnavailableError('the ids of this person change too fast for their touches to follow');
  }

  async function readWanted(userId: string): Promise<Wanted | undefined> {
    const homeId = (await identities.personOf([userId])).get(userId) ?? userId;
    const words = (await identities.membersOf(homeId)).flatMap(({ userId: memberId, seq }) =>
      seq === undefined ? [] : [{ userId: memberId, homeId, seq, inLedger: false }],
    );
    return words.length === 0 ? undefined : { homeId, words };
  }

  async function settle(wanted: Wanted, formerHomeId: string | undefined): Promise<void> {
    const trail = await readTrail(wanted, formerHomeId);
    if (isSettled(wanted, trail)) return;
    let { entries } = await move(wanted, trail);
    for (let round = 0; round < MAX_ATTEMPTS; round += 1) {
      await ledger.append(entries);
      const again = await move(wanted, trail);
      // Nothing was lost online until the ledger had it, so the closed logs may be emptied.
      if (!again.changed) {
        return store.restore(entries, { pruneBeforeMs: clock.nowMs() - touchRetentionMs(policy()) });
      }
      entries = again.entries;
    }
    throw new UnavailableError('the touch logs change too fast to be moved');
  }

  /** The logs of the ids, and of whoever else holds touches of theirs by what those logs say. */
  async function readTrail({ words }: Wanted, formerHomeId: string | undefined): Promise<Trail> {
    const trail = new Map<string, UserTouchLog>();
    if (formerHomeId !== undefined) trail.set(formerHomeId, await store.read(formerHomeId));
    for (;;) {
      const missing = [...new Set(words.map(({ userId }) => endOfTrail(userId, trail)))].filter(
        (ownerId) => !trail.has(ownerId),
      );
      if (missing.length === 0) return trail;
      const logs = await Promise.all(missing.map((ownerId) => store.read(ownerId)));
      for (const [i, ownerId] of missing.entries()) trail.set(ownerId, logs[i] as UserTouchLog);
    }
  }

  /** Closes the logs on the trail and brings what is in them home. */
  async function move(
    { homeId, words }: Wanted,
    trail: Trail,
  ): Promise<{ changed: boolean; entries: TouchLedgerEntry[] }> {
    const memberIds = words.map(({ userId }) => userId);
    const closed = await Promise.all(
      [...trail]
        .filter(([ownerId]) => ownerId !== homeId)
        .map(async ([ownerId, read]) => {
          const homes = words.filter(
            ({ userId }) => userId === ownerId || (!memberIds.includes(ownerId) && wordOn(read, userId)),
          );
          const { log, changed } = await store.takeIn({ userId: ownerId, homes, arrivals: [] });
          refuseOvertaken(log, homes);
          const touches = memberIds.includes(ownerId) ? log : partOfLog(log, memberIds);
          return { ownerId, log, homes, touches, changed };
        }),
    );
    // Whose touches they were before is remembered: should the ids be linked again, the same touches come back.
    const former = closed.flatMap(({ ownerId, log }) =>
      memberIds.includes(ownerId) ? [] : (log.homes ?? []).filter(({ userId }) => userId === ownerId),
    );
    const told = [...words, ...former];
    const arrivals = closed.map(({ ownerId, touches }): TouchArrival => ({ fromId: ownerId, touches }));
    const home = await store.takeIn({ userId: homeId, homes: told, arrivals });
    refuseOvertaken(home.log, words);
    const nowMs = clock.nowMs();
    return {
      changed: home.changed || closed.some(({ changed }) => changed),
      entries: [
        ...homeEntries(told, { userId: homeId, nowMs }),
        ...entriesOfLog(home.log, homeId),
        ...closed.flatMap(({ ownerId, homes }) => homeEntries(homes, { userId: ownerId, nowMs })),
      ],
    };
  }
}

/** The log that holds the touches of an id as far as the logs are known, or the next one to look into. */
function endOfTrail(userId: string, trail: Trail): string {
  const passed = new Set<string>();
  for (let ownerId = userId; ; ) {
    const log = trail.get(ownerId);
    if (log === undefined || passed.has(ownerId)) return ownerId;
    passed.add(ownerId);
    ownerId = homeIn({ ownerId, log }, userId);
  }
}

/** Whether all who must know know it, and the ledger too. */
function isSettled({ homeId, words }: Wanted, trail: Trail): boolean {
  return words.every(({ userId, seq }) =>
    [...trail].every(([ownerId, log]) => {
      const told = wordOn(log, userId);
      const mustKnow = ownerId === homeId || ownerId === userId;
      if (told === undefined) return !mustKnow;
      return told.homeId === homeId && told.inLedger && told.seq >= seq;
    }),
  );
}

/** Ids that are not the person's any more, whose touches lie in the home or have not left it for good. */
function guestsOf(log: UserTouchLog, { homeId, words }: Wanted): string[] {
  return (log.homes ?? [])
    .filter(({ userId }) => !words.some((word) => word.userId === userId))
    .filter((home) => home.homeId === homeId || !home.inLedger)
    .map(({ userId }) => userId);
}

function refuseOvertaken(log: UserTouchLog, words: readonly TouchHome[]): void {
  for (const { userId, homeId } of words) {
    const told = wordOn(log, userId);
    if (told !== undefined && told.homeId !== homeId) throw new TouchesMovedError(userId, told.homeId);
  }
}
