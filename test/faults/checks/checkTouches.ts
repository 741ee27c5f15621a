import { permitOwner } from '../../../src/touch/permitId.js';
import type { TouchLedger, TouchLedgerEntry } from '../../../src/touch/touchLedger.js';
import type { RollingCap } from '../caps.js';
import type { Book, TouchStory } from '../load/book.js';
import { idsOf } from '../load/shopfront.js';
import type { Check } from './check.js';
import {
  type HeldSlot,
  type Overshoot,
  overshotHolds,
  overshotWindows,
  type TouchPlace,
} from './overshoot.js';

const PAGE = 2_000;

/** A permit as the ledger tells of it. */
interface LedgerPermit extends TouchPlace {
  readonly requestId: string;
  readonly fromMs: number;
  readonly expiresAtMs: number;
  sent?: { readonly atMs: number; readonly late: boolean };
  isReleased: boolean;
}

/**
 * Zero overshoot, by two accounts that know nothing of how TagRank decides: what campaigns sent, by
 * their own clocks, and what the ledger says was held and sent. A late commit says itself that its
 * slot was lost; such messages are counted and named, and excuse nothing else.
 */
export async function checkTouches(
  ledger: TouchLedger,
  {
    book,
    caps,
    decidedWithinMs = 0,
  }: {
    book: Book;
    caps: readonly RollingCap[];
    /** So long a decision may be on its way into the log: what has run out by then, it need not count. */
    decidedWithinMs?: number;
  },
): Promise<Check[]> {
  const permits = await permitsOf(ledger);
  const stories = [...book.touches.values()];
  return [
    checkSent(stories, caps),
    checkLedger([...permits.values()], caps),
    checkAcknowledged(stories, { permits, caps, decidedWithinMs }),
    // Whoever never asks is never told yes.
    ...(book.allowed.length === 0 ? [] : [checkAllowed(book, caps)]),
  ];
}

function checkSent(stories: readonly TouchStory[], caps: readonly RollingCap[]): Check {
  const sent = stories.filter(({ sentMs }) => sentMs !== undefined);
  const inTime = sent.filter(({ committed }) => committed?.late === false);
  const touches = inTime.map((story) => ({ ...placeOf(story), sentAtMs: story.sentMs as number }));
  return {
    name: 'caps, by campaigns',
    compared: `${touches.length} messages in ${caps.length} kinds of windows; ${sent.length - inTime.length} late`,
    violations: overshotWindows(touches, caps).map(inWords),
  };
}

function checkLedger(permits: readonly LedgerPermit[], caps: readonly RollingCap[]): Check {
  const inTime = permits.flatMap((permit) =>
    permit.sent?.late === false ? [{ ...placeOf(permit), sentAtMs: permit.sent.atMs }] : [],
  );
  return {
    name: 'caps, by the ledger',
    compared: `${inTime.length} messages sent, ${permits.length} permits`,
    violations: overshotWindows(inTime, caps).map(inWords),
  };
}

/** What was acknowledged is in the ledger; and the slots of acknowledged permits were there to be held. */
function checkAcknowledged(
  stories: readonly TouchStory[],
  {
    permits,
    caps,
    decidedWithinMs,
  }: {
    permits: ReadonlyMap<string, LedgerPermit>;
    caps: readonly RollingCap[];
    decidedWithinMs: number;
  },
): Check {
  const violations: string[] = [];
  const held: HeldSlot[] = [];
  let acknowledged = 0;
  for (const story of stories) {
    const { permitId, requestId } = story;
    if (permitId === undefined) continue;
    acknowledged += 1;
    const permit = permits.get(permitId);
    if (permit === undefined || permit.requestId !== requestId) {
      violations.push(`permit ${permitId} of ${requestId} was given out and is not in the ledger`);
      continue;
    }
    if (story.committed !== undefined && permit.sent?.atMs !== story.committed.atMs) {
      violations.push(`the commit of ${permitId} at ${story.committed.atMs} is not in the ledger`);
    }
    if (story.isReleased === true && !permit.isReleased) {
      violations.push(`the release of ${permitId} is not in the ledger`);
    }
    // Of a released one the clocks of two servers may disagree about the end by their waits.
    if (!permit.isReleased) held.push(slotOf(story, decidedWithinMs));
  }
  violations.push(...overshotHolds(held, caps).map(inWords));
  return {
    name: 'permits',
    compared: `${acknowledged} acknowledged ones are in the ledger; no moment holds more than its cap`,
    violations,
  };
}

function slotOf(story: TouchStory, decidedWithinMs: number): HeldSlot {
  const { committed, expiresAtMs, reservedAtMs } = story;
  const untilMs: HeldSlot['untilMs'] = ({ windowMs }) =>
    committed === undefined || committed.late
      ? (expiresAtMs as number) - decidedWithinMs
      : committed.atMs + windowMs;
  return { ...placeOf(story), fromMs: reservedAtMs as number, untilMs };
}

/** Whoever was told that they may, was not told so while all slots were taken from before the question to after the answer. */
function checkAllowed({ allowed, touches }: Book, caps: readonly RollingCap[]): Check {
  const violations: string[] = [];
  const held = [...touches.values()].filter(({ committed }) => committed?.late === false);
  for (const question of allowed) {
    const { askedMs, answeredMs } = question;
    const taken = held.flatMap((story) => {
      const slot = slotOf(story, 0);
      const known = story.committed as NonNullable<TouchStory['committed']>;
      return known.acknowledgedMs < askedMs ? [{ ...slot, fromMs: askedMs }] : [];
    });
    // The question as though it had been a message: it would have been one too many.
    const asked: HeldSlot = { ...placeOf(question), fromMs: askedMs, untilMs: () => answeredMs + 1 };
    const after = taken
      .filter(({ userId }) => userId === asked.userId)
      .map(
        (slot): HeldSlot => ({
          ...slot,
          untilMs: (cap) => (slot.untilMs(cap) > answeredMs ? answeredMs + 1 : 0),
        }),
      );
    violations.push(
      ...overshotHolds([...after, asked], caps).map((each) => `ALLOW at the cap: ${inWords(each)}`),
    );
  }
  return { name: 'CanTouch', compared: `${allowed.length} times ALLOW, never at a cap`, violations };
}

async function permitsOf(ledger: TouchLedger): Promise<Map<string, LedgerPermit>> {
  const permits = new Map<string, LedgerPermit>();
  let afterSeq = 0;
  for (;;) {
    const page = await ledger.read({ afterSeq, limit: PAGE });
    for (const entry of page) note(permits, entry);
    afterSeq = page.at(-1)?.seq ?? afterSeq;
    if (page.length < PAGE) return permits;
  }
}

function note(permits: Map<string, LedgerPermit>, entry: TouchLedgerEntry): void {
  if (entry.kind === 'reserved') {
    const { permitId, requestId, channel, shopId = '', atMs, expiresAtMs } = entry;
    if (permits.has(permitId)) return;
    // The entry is kept under the person's name, the permit says which of their ids was asked for.
    const place = { userId: permitOwner(permitId).userId, channel: channel.toUpperCase(), shopId };
    permits.set(permitId, { ...place, requestId, fromMs: atMs, expiresAtMs, isReleased: false });
  } else if (entry.kind === 'committed') {
    const permit = permits.get(entry.permitId);
    if (permit !== undefined) permit.sent ??= { atMs: entry.atMs, late: entry.late };
  } else if (entry.kind === 'released') {
    const permit = permits.get(entry.permitId);
    if (permit !== undefined) permit.isReleased = true;
  }
}

/** All ids of a person share their caps. */
function placeOf({ userId, channel, shopId }: TouchPlace): TouchPlace {
  return { userId: idsOf(userId)[0] as string, channel, shopId };
}

function inWords({ ruleId, slots, atMs, count, cap }: Overshoot): string {
  return `${ruleId} of ${slots}: ${count} instead of ${cap} at ${new Date(atMs).toISOString()}`;
}
