import type { CommitTouchOutput } from '../../../src/touch/commitTouch.js';
import type { TouchDecision } from '../../../src/touch/decideTouch.js';
import type { ReleaseTouchOutput } from '../../../src/touch/releaseTouch.js';
import type { ReserveTouchOutput } from '../../../src/touch/reserveTouch.js';
import type { TouchContent } from '../../../src/touch/touch.js';
import type { TouchFailure } from '../../../src/touch/touchFailure.js';
import { DEFAULT_RESERVATION_TTL_MS, type TouchPolicy } from '../../../src/touch/touchPolicy.js';
import { agree, agreeOnDecision, type Bounds, Disagreement } from './plainDecision.js';
import { PlainPeople } from './plainPeople.js';
import {
  formerStandingsOf,
  hasRunOut,
  isForgotten,
  isHeld,
  mayBeForgotten,
  type PlainPermit,
  standingsOf,
} from './plainPermit.js';
import { isEnforced, type PlainQuestion, type PlainTouch, plainDecision } from './plainRules.js';
import { plainTakes } from './plainTakes.js';

/** What a call came to: its answer, the typed error that it was refused with, or none at all. */
export type Came<Answer> =
  | { readonly how: 'answered'; readonly answer: Answer }
  | { readonly how: 'refused'; readonly error: 'NotFoundError' | 'FailedPreconditionError' }
  /** The server ended, or it was UNAVAILABLE: done, or not. */
  | { readonly how: 'broken off' };

export interface PlainAsk {
  readonly userId: string;
  readonly content: TouchContent;
  readonly policy: TouchPolicy;
  readonly deadlineMs?: number;
  /** Of a reservation, or of one that is thought of; ten minutes when absent. */
  readonly ttlMs?: number;
  readonly nowMs: number;
}

export interface PlainReservation extends PlainAsk {
  readonly requestId: string;
  readonly ttlMs: number;
}

/**
 * What everybody outside knows: who is whom, what was said, and which permits were given out, in plain lists.
 * Each method is told of a call and what came of it, throws `Disagreement` where the contract does not allow that,
 * and keeps what is known from then on.
 */
export class PlainRoom {
  readonly #timezone: string;
  #permits: readonly PlainPermit[] = [];
  #people = new PlainPeople();
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  /** The same room once more, to try another order of events in. */
  copy(): PlainRoom {
    const copy = new PlainRoom(this.#timezone);
    copy.#permits = this.#permits;
    copy.#people = this.#people.copy();
    copy.#latestMs = this.#latestMs;
    return copy;
  }

  /** Whether ids were linked, ever. */
  get hasLinks(): boolean {
    return this.#people.hasLinks;
  }

  /** Those that somebody was told of. */
  get permits(): readonly (PlainPermit & { readonly permitId: string })[] {
    return this.#permits.filter(
      (permit): permit is PlainPermit & { permitId: string } => permit.permitId !== undefined,
    );
  }

  /** All that is known, as text: rooms of which that is the same are the same. */
  toString(): string {
    return `${JSON.stringify(this.#permits)} ${this.#people}`;
  }

  /**
   * The ledger was applied. A reservation that nobody was told of may have come back with it, or one that moved
   * with its id, and by its time have ended one that was given out since, by a clock that had stepped back. The
   * former was withdrawn before another ended it, maybe, and stands behind that one: then it holds its slot again
   * where the clock steps back, which exceeds no cap.
   */
  ledgerWasRead(): void {
    const later = this.#permits.filter(({ permitId }) => permitId === undefined || this.#people.hasLinks);
    this.#permits = this.#permits.map((permit) => {
      const isPerhapsEnded = later.some((other) => other.reservedAtMs >= permit.expiresAtMs);
      const isPerhapsBack = permit.permitId === undefined && permit.lapsed === 'yes';
      return isPerhapsBack || (isPerhapsEnded && permit.lapsed === 'no')
        ? { ...permit, lapsed: 'perhaps' }
        : permit;
    });
  }

  /** Whether anybody reserved by this request id before, with or without an answer. */
  isRequested(requestId: string): boolean {
    return this.#permits.some((permit) => permit.requestId === requestId);
  }

  clockIs(nowMs: number): void {
    this.#latestMs = Math.max(this.#latestMs, nowMs);
  }

  asked(ask: PlainAsk, came: Came<TouchDecision>): void {
    agree(came.how !== 'refused', () => `a question was ${came.how}`);
    if (came.how === 'answered') this.#agreeOn(came.answer, ask, this.#permits);
  }

  reserved(asked: PlainReservation, came: Came<ReserveTouchOutput>): void {
    const { userId, requestId, content, nowMs, deadlineMs = Number.POSITIVE_INFINITY } = asked;
    const isTooLate = nowMs > deadlineMs;
    const ofRequest = this.#permits.filter(
      (permit) =>
        permit.requestId === requestId &&
        this.#relationOf(permit, userId) === 'own' &&
        !isForgotten(permit, nowMs),
    );
    const surely = ofRequest.filter(
      (permit) =>
        permit.permitId !== undefined && permit.userId === userId && !mayBeForgotten(permit, this.#latestMs),
    );
    const held = surely.filter((permit) => isHeld(permit, nowMs));
    const told = () => `${JSON.stringify(came)} for ${requestId} of ${JSON.stringify(ofRequest)}`;
    const another = ofRequest.filter((permit) => !isSameContent(permit.content, content));
    if (came.how === 'refused') {
      agree(came.error === 'FailedPreconditionError' && another.length > 0, told);
      agree(!held.some((permit) => isSameContent(permit.content, content)), told);
      return;
    }
    if (came.how === 'broken off') {
      this.#takePerhaps(asked);
      if (held.length > 0) return;
      this.#lapse(asked, 'perhaps');
      this.#give(asked, { requestId });
      return;
    }
    const { decision, permit, repeated, wasTaken } = came.answer;
    agree(!wasTaken || ofRequest.some(({ taken }) => taken !== 'no'), told);
    const isTaken = ofRequest.every(
      (one) =>
        one.taken === 'yes' &&
        one.end === 'open' &&
        !one.isPerhapsReleased &&
        one.doubtfulCommitsMs.length === 0,
    );
    agree(wasTaken || !isTaken || surely.length === 0, told);
    agree((decision.kind === 'allow') === (permit !== undefined), told);
    if (permit === undefined) {
      agree(!repeated, told);
      const mayHold = ofRequest.filter(
        (one) => one.end === 'open' && one.taken !== 'yes' && hasRunOut(one, nowMs) !== 'yes',
      );
      const isRepeat = mayHold.some((one) => this.#hasFullCap(one, asked, 'most'));
      if (isRepeat && !this.#people.isLeftAlone(asked)) return;
      const owed = held.filter(({ end }) => !isTooLate || typeof end === 'object');
      agree(owed.length === 0 || this.#people.isLeftAlone(asked), told);
      // What the request holds itself stands in its own way at no time.
      const others = this.#permits.filter((one) => !held.includes(one));
      this.#agreeOn(decision, asked, isTooLate ? others : this.#permits);
      return;
    }
    agree(surely.length === 0 || ofRequest.some((one) => isSameContent(one.content, content)), told);
    agree(permit.requestId === requestId, told);
    if (!repeated) {
      agree(held.length === 0, told);
      agree(!this.#permits.some(({ permitId }) => permitId === permit.permitId), told);
      this.#agreeOn(decision, asked, this.#permits);
      agree(permit.status === 'reserved' && permit.reservedAtMs === nowMs, told);
      agree(permit.expiresAtMs === nowMs + asked.ttlMs, told);
      this.#take(asked, decision.takes);
      this.#lapse(asked, 'yes');
      const { ruleId, reason } = decision;
      this.#give(asked, { requestId, permitId: permit.permitId, decidedBy: { ruleId, reason } });
      return;
    }
    const known =
      ofRequest.find(({ permitId }) => permitId === permit.permitId) ??
      ofRequest.find(
        (one) =>
          one.permitId === undefined &&
          isSameContent(one.content, content) &&
          this.#isSameMoment(permit.reservedAtMs, one.reservedAtMs) &&
          one.expiresAtMs === permit.expiresAtMs,
      );
    if (known === undefined) throw new Disagreement(told());
    this.#take(asked, decision.takes);
    agree(isSameContent(known.content, content) && !this.#people.isLeftAlone(asked), told);
    const { ruleId, reason } = decision;
    const { decidedBy = { ruleId, reason } } = known;
    agree(decidedBy.ruleId === ruleId && decidedBy.reason === reason, told);
    agree(this.#isSameMoment(permit.reservedAtMs, known.reservedAtMs), told);
    agree(permit.expiresAtMs === known.expiresAtMs, told);
    if (permit.status === 'committed') {
      agree(typeof known.end === 'object' || known.doubtfulCommitsMs.length > 0, told);
    } else {
      agree(known.end === 'open' && known.taken !== 'yes' && hasRunOut(known, nowMs) !== 'yes', told);
      agree(!this.#hasFullCap(known, asked, 'least') && !isTooLate, told);
    }
    this.#change(known, { permitId: permit.permitId, decidedBy });
  }

  committed(
    { permitId, onlyIfHeld }: { readonly permitId: string; readonly onlyIfHeld: boolean },
    nowMs: number,
    came: Came<CommitTouchOutput>,
  ): void {
    const permit = this.#permitOf(permitId);
    const told = () => `${JSON.stringify(came)} of ${JSON.stringify(permit)} at ${nowMs}`;
    const sentAtMs = Math.max(permit.reservedAtMs, nowMs);
    const { end, doubtfulCommitsMs } = permit;
    const ranOut = hasRunOut(permit, nowMs);
    const isGone = end === 'open' && (ranOut === 'yes' || permit.taken === 'yes');
    const isLeftAlone = end === 'open' && this.#people.isLeftAlone(permit);
    if (came.how === 'broken off') {
      if (onlyIfHeld && (isGone || isLeftAlone)) return;
      const perhapsMs = [0, 1, 2].map((ms) => sentAtMs + ms).filter((ms) => this.#isSameMoment(ms, sentAtMs));
      if (end === 'open') this.#change(permit, { doubtfulCommitsMs: [...doubtfulCommitsMs, ...perhapsMs] });
      return;
    }
    if (came.how === 'refused') {
      if (came.error === 'NotFoundError') {
        agree(mayBeForgotten(permit, this.#latestMs), told);
        return;
      }
      const isPerhapsGone = end === 'open' && (ranOut !== 'no' || permit.taken !== 'no');
      const isKept = onlyIfHeld && (isPerhapsGone || isLeftAlone);
      agree(end === 'released' || permit.isPerhapsReleased || isKept, told);
      return;
    }
    const { late, taken, committedAtMs, repeated } = came.answer;
    agree(end !== 'released' && !isForgotten(permit, nowMs), told);
    if (typeof end === 'object') {
      agree(repeated && committedAtMs === end.sentAtMs && late === end.late && taken === end.taken, told);
      return;
    }
    agree(permit.taken === 'perhaps' || repeated || taken === (permit.taken === 'yes'), told);
    agree(!onlyIfHeld || repeated || (!late && !taken && !isLeftAlone), told);
    if (repeated)
      agree(
        doubtfulCommitsMs.some((ms) => this.#isSameMoment(committedAtMs, ms)),
        told,
      );
    else {
      agree(this.#isSameMoment(committedAtMs, sentAtMs), told);
      agree(ranOut === 'perhaps' || late === (ranOut === 'yes'), told);
    }
    this.#change(permit, { end: { sentAtMs: committedAtMs, late, taken }, doubtfulCommitsMs: [] });
  }

  released(permitId: string, nowMs: number, came: Came<ReleaseTouchOutput>): void {
    const permit = this.#permitOf(permitId);
    const told = () => `${JSON.stringify(came)} of ${JSON.stringify(permit)} at ${nowMs}`;
    if (came.how === 'broken off') {
      if (permit.end === 'open') this.#change(permit, { isPerhapsReleased: true });
      return;
    }
    if (came.how === 'refused') {
      const isUnknown = mayBeForgotten(permit, this.#latestMs);
      const isSent = typeof permit.end === 'object' || permit.doubtfulCommitsMs.length > 0;
      agree(came.error === 'NotFoundError' ? isUnknown : isSent, told);
      return;
    }
    agree(typeof permit.end !== 'object' && !isForgotten(permit, nowMs), told);
    const ranOut = permit.end === 'released' ? 'no' : hasRunOut(permit, nowMs);
    const isInDoubt = ranOut === 'perhaps' || permit.isPerhapsReleased;
    agree(isInDoubt || came.answer.expired === (ranOut === 'yes'), told);
    const wasTaken = permit.taken === 'yes' && permit.end === 'open';
    agree(isInDoubt || permit.taken === 'perhaps' || came.answer.taken === wasTaken, told);
    this.#change(permit, { end: 'released', isPerhapsReleased: false });
  }

  /**
   * A report of the channel that was acknowledged. Of a permit that is forgotten by then it changes nothing; by
   * which clock that was, and by which commit, a ledger that is read anew may see in another way.
   */
  reported(
    { permitId, failure }: { readonly permitId: string; readonly failure: TouchFailure },
    nowMs: number,
  ): void {
    const permit = this.#permitOf(permitId);
    if (isForgotten(permit, nowMs)) return;
    const worse = permit.reports.map((known) => (known === 'rejected' ? known : failure));
    const isInDoubt = mayBeForgotten({ ...permit, end: 'open' }, this.#latestMs);
    this.#change(permit, { reports: [...new Set([...(isInDoubt ? permit.reports : []), ...worse])] });
  }

  /** A word that was acknowledged. */
  said(...word: Parameters<PlainPeople['said']>): void {
    this.#people.said(...word);
  }

  linked(userId: string, otherId: string): void {
    this.#people.linked(userId, otherId);
  }

  /** What was known of both may go on counting for both. */
  unlinked(userId: string): void {
    const ids = this.#people.idsOf(userId);
    if (ids.length > 1) {
      this.#permits = this.#permits.map((permit) =>
        ids.includes(permit.userId)
          ? { ...permit, formerIds: [...new Set([...permit.formerIds, ...ids])] }
          : permit,
      );
    }
    this.#people.unlinked(userId);
  }

  /** Whether an enforced cap has no room beside the permit, for whoever asks for it again. */
  #hasFullCap(permit: PlainPermit, asked: PlainReservation, reading: 'least' | 'most'): boolean {
    if (typeof permit.end === 'object') return false;
    const nowMs = Math.max(asked.nowMs, permit.reservedAtMs);
    const others = this.#permits.filter(
      (other) =>
        other !== permit &&
        (other.requestId !== permit.requestId ||
          other.userId !== permit.userId ||
          typeof other.end === 'object'),
    );
    const { caps } = this.#bounds({ ...asked, nowMs }, others)[reading].rules;
    return caps.filter(isEnforced).some(({ isFull }) => isFull);
  }

  #agreeOn(decision: TouchDecision, ask: PlainAsk, permits: readonly PlainPermit[]): void {
    const isLeft = this.#people.isLeftAlone(ask);
    agree(
      (decision.reason === 'left_alone') === isLeft,
      () => `${JSON.stringify(decision)}; left: ${isLeft}`,
    );
    if (!isLeft) {
      agreeOnDecision(decision, this.#bounds(ask, permits), this.#questionOf(ask));
      this.#agreeOnTakes(decision, ask);
    } else agree(decision.kind === 'deny' && decision.rules.length === 0, () => JSON.stringify(decision));
  }

  #bounds(ask: PlainAsk, permits: readonly PlainPermit[]): Bounds {
    const touches = this.#touchesOf(ask, permits);
    const question = this.#questionOf(ask);
    const least = plainDecision(touches, question, 'least');
    return { least, most: isExact(touches) ? least : plainDecision(touches, question, 'most') };
  }

  /** Only reservations of lower priority give way; and where nothing is in doubt, exactly those that should. */
  #agreeOnTakes({ kind, takes }: TouchDecision, ask: PlainAsk): void {
    const { priority = 0 } = ask.content;
    const told = () => `it takes ${JSON.stringify(takes)} of ${JSON.stringify(this.#permits)}`;
    agree(
      takes.every(({ content }) => (content.priority ?? 0) < priority),
      told,
    );
    const touches = this.#touchesOf(ask, this.#permits);
    if (kind !== 'allow' || !isExact(touches)) return;
    const ranks = (all: readonly Pick<PlainTouch, 'content' | 'reservedAtMs'>[]) =>
      JSON.stringify(all.map(({ content, reservedAtMs }) => [content.priority ?? 0, reservedAtMs]));
    const expected = plainTakes(touches, this.#questionOf(ask));
    agree(this.#people.hasLinks ? takes.length === expected.length : ranks(takes) === ranks(expected), told);
  }

  #touchesOf({ userId }: PlainAsk, permits: readonly PlainPermit[]): PlainTouch[] {
    return permits.flatMap((permit) => {
      const relation = this.#relationOf(permit, userId);
      if (relation === 'none') return [];
      const standings = relation === 'own' ? standingsOf(permit) : formerStandingsOf(permit);
      const { content, reservedAtMs } = permit;
      return [{ content, reservedAtMs, standings }];
    });
  }

  #questionOf({
    content,
    policy,
    nowMs,
    deadlineMs,
    ttlMs = DEFAULT_RESERVATION_TTL_MS,
  }: PlainAsk): PlainQuestion {
    return { content, policy, timezone: this.#timezone, nowMs, deadlineMs, ttlMs };
  }

  #relationOf({ userId, formerIds }: PlainPermit, askedId: string): 'own' | 'former' | 'none' {
    if (this.#people.idsOf(askedId).includes(userId)) return 'own';
    return formerIds.some((id) => this.#people.idsOf(askedId).includes(id)) ? 'former' : 'none';
  }

  /** Touches of the same kind and millisecond are told apart by a millisecond or two once their ids are linked. */
  #isSameMoment(givenMs: number, knownMs: number): boolean {
    return givenMs >= knownMs && givenMs - knownMs <= (this.#people.hasLinks ? 3 : 0);
  }

  #take(asked: PlainAsk, takes: TouchDecision['takes']): void {
    for (const { permitId, requestId, reservedAtMs, content } of takes) {
      const permit =
        this.#permits.find((one) => one.permitId === permitId) ??
        this.#permits.find(
          (one) =>
            one.permitId === undefined &&
            one.requestId === requestId &&
            this.#isSameMoment(reservedAtMs, one.reservedAtMs),
        );
      agree(
        permit !== undefined,
        () => `${requestId} was taken, which nobody had: ${JSON.stringify(content)}`,
      );
      if (permit === undefined) continue;
      if (permit.taken === 'yes') continue;
      const isSure = permit.permitId !== undefined && this.#relationOf(permit, asked.userId) === 'own';
      this.#change(permit, { taken: isSure ? 'yes' : 'perhaps' });
    }
  }

  /** By a message whose caller had no answer. */
  #takePerhaps({ userId, content, nowMs }: PlainAsk): void {
    const { priority = 0 } = content;
    this.#permits = this.#permits.map((permit) => {
      const isLower =
        (permit.content.priority ?? 0) < priority && this.#relationOf(permit, userId) !== 'none';
      const isThere = permit.end === 'open' && permit.expiresAtMs > nowMs && permit.taken === 'no';
      return isLower && isThere ? { ...permit, taken: 'perhaps' } : permit;
    });
  }

  /** Whoever is let in because another's time ran out makes that final. */
  #lapse({ userId, nowMs }: PlainAsk, lapsed: 'perhaps' | 'yes'): void {
    this.#permits = this.#permits.map((permit) => {
      const relation = this.#relationOf(permit, userId);
      if (permit.expiresAtMs > nowMs || permit.lapsed === 'yes' || relation === 'none') return permit;
      // One that was taken is not ended once more.
      if (permit.taken === 'yes') return permit;
      const isSure = relation === 'own' && permit.taken === 'no';
      return { ...permit, lapsed: isSure ? lapsed : 'perhaps' };
    });
  }

  #give(
    { userId, content, nowMs, ttlMs }: PlainReservation,
    told: Pick<PlainPermit, 'requestId' | 'permitId' | 'decidedBy'>,
  ): void {
    const permit: PlainPermit = {
      ...told,
      userId,
      content,
      reservedAtMs: nowMs,
      expiresAtMs: nowMs + ttlMs,
      end: 'open',
      doubtfulCommitsMs: [],
      isPerhapsReleased: false,
      lapsed: 'no',
      taken: 'no',
      reports: ['nothing'],
      formerIds: [],
    };
    this.#permits = [...this.#permits, permit];
  }

  #change(permit: PlainPermit, changes: Partial<PlainPermit>): void {
    this.#permits = this.#permits.map((one) => (one === permit ? { ...permit, ...changes } : one));
  }

  #permitOf(permitId: string): PlainPermit {
    const permit = this.#permits.find((one) => one.permitId === permitId);
    if (permit === undefined) throw new Error(`nobody was told of ${permitId}`);
    return permit;
  }
}

function isExact(touches: readonly PlainTouch[]): boolean {
  return touches.every(({ standings }) => standings.length === 1);
}

function isSameContent(a: TouchContent, b: TouchContent): boolean {
  return (
    a.channel === b.channel &&
    a.campaignType === b.campaignType &&
    a.shopId === b.shopId &&
    a.campaignId === b.campaignId &&
    (a.priority ?? 0) === (b.priority ?? 0)
  );
}
