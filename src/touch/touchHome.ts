import { UnavailableError } from '../core/errors.js';
import type { UserTouchLog } from './userTouchLog.js';

/**
 * Where the touches of one id are kept (T7): those of all ids of a person lie in one log, since a cap
 * must be decided in one place.
 */
export interface TouchHome {
  readonly userId: string;
  /** The id whose log holds them; `userId` itself for an id on its own. */
  readonly homeId: string;
  /** The truth's change that says so (`PersonalId.seq`): of two words about one id the higher holds. */
  readonly seq: number;
  /** Whether the touch ledger has the word, and all touches that came to the home with it. */
  readonly inLedger: boolean;
}

/** Ids that left a log and are still known to it, so that an older word cannot bring them back. */
const DEPARTED_KEPT = 32;

/** The touches of an id are not kept in the log that was asked; nothing was done. Ask at `homeId`. */
export class TouchesMovedError extends UnavailableError {
  readonly homeId: string;

  constructor(userId: string, homeId: string) {
    super(`the touches of ${userId} are kept under ${homeId}`);
    this.homeId = homeId;
  }
}

/** A log, and whose it is. */
interface OwnedLog {
  readonly ownerId: string;
  readonly log: UserTouchLog;
}

/** Where the log says that the touches of an id are: the log's owner when they are in it. */
export function homeIn({ ownerId, log }: OwnedLog, userId: string): string {
  const own = wordOn(log, ownerId)?.homeId ?? ownerId;
  // What was kept here went along.
  if (own !== ownerId || userId === ownerId) return own;
  return wordOn(log, userId)?.homeId ?? userId;
}

/** Whether the log is kept under another id: nothing in it counts any more. */
export function hasMoved({ ownerId, log }: OwnedLog): boolean {
  return homeIn({ ownerId, log }, ownerId) !== ownerId;
}

/** The log, if the touches of the id are in it; throws `TouchesMovedError` otherwise. */
export function heldHere(owned: OwnedLog, userId: string): UserTouchLog {
  const homeId = homeIn(owned, userId);
  if (homeId !== owned.ownerId) throw new TouchesMovedError(userId, homeId);
  return owned.log;
}

export function wordOn({ homes }: UserTouchLog, userId: string): TouchHome | undefined {
  return homes?.find((home) => home.userId === userId);
}

/**
 * The log as it is once these words are known: a function of all words ever told, whatever their
 * order. A log that has moved holds its touches until the ledger has them under the new home.
 */
export function withHomes({ ownerId, log }: OwnedLog, words: readonly TouchHome[]): UserTouchLog {
  const known = new Map((log.homes ?? []).map((home) => [home.userId, home]));
  const news = words.filter((word) => isNews(word, known.get(word.userId)));
  if (news.length === 0) return log;
  for (const word of news) known.set(word.userId, word);

  const own = known.get(ownerId);
  if (own !== undefined && own.homeId !== ownerId) {
    if (!news.includes(own)) return log;
    // What was learned is of the person, and so of the home.
    const { learned: _, ...kept } = log;
    return { ...(own.inLedger ? { records: [], marks: [] } : kept), homes: [own] };
  }
  const all = [...known.values()];
  const [here, departed] = [true, false].map((isHere) =>
    all.filter(({ userId, homeId }) => (userId === ownerId || homeId === ownerId) === isHere),
  ) as [TouchHome[], TouchHome[]];
  const kept = [...here, ...departed.sort((a, b) => b.seq - a.seq).slice(0, DEPARTED_KEPT)];
  return { ...log, homes: kept.sort(byId) };
}

function isNews(word: TouchHome, known: TouchHome | undefined): boolean {
  if (known === undefined || word.seq > known.seq) return true;
  return word.seq === known.seq && word.inLedger && !known.inLedger;
}

function byId(a: TouchHome, b: TouchHome): number {
  return a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0;
}
