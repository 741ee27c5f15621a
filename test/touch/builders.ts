import { window } from '../../src/core/time.js';
import type { TouchDependencies } from '../../src/touch/touchDependencies.js';
import type { PermitEntry, TouchLedger, TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import type { CapRule, QuietHoursRule, TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { PermitState, TouchRecord } from '../../src/touch/userTouchLog.js';
import { plainEvidence, plainHistory, plainIds, plainWords } from './plainHistory.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One touch a rolling hour, over everything; name what the test is about. */
export function aCap(facts: Partial<CapRule> = {}): CapRule {
  return {
    id: 'cap-1',
    scope: ['user'],
    window: { kind: 'rolling', windowMs: window(HOUR) },
    cap: 1,
    ceiling: false,
    shadow: false,
    ...facts,
  };
}

export function aQuietRule(facts: Partial<QuietHoursRule> = {}): QuietHoursRule {
  return { id: 'night', startMinute: 22 * 60, endMinute: 8 * 60, shadow: false, ...facts };
}

export function aPolicy(facts: Partial<TouchPolicy> = {}): TouchPolicy {
  return { version: 7, caps: [], quietHours: [], campaignTypes: [], ...facts };
}

/** People of one id each, who live in one time zone. */
export function onTheirOwn(timezone: string): Pick<TouchDependencies, 'personOf' | 'settleTouches'> {
  return { personOf: async (userId) => ({ homeId: userId, timezone }), settleTouches: async () => {} };
}

let recordsBuilt = 0;

/** A touch of `push` sent at `sentAtMs`, or in the state given. */
export function aRecord({
  sentAtMs = 0,
  state = { status: 'committed', sentAtMs, late: false },
  content = {},
  ...facts
}: {
  sentAtMs?: number;
  state?: PermitState;
  content?: Partial<TouchRecord['content']>;
} & Partial<Omit<TouchRecord, 'content' | 'state'>> = {}): TouchRecord {
  recordsBuilt += 1;
  return {
    permitId: `permit-${recordsBuilt}`,
    requestId: `request-${recordsBuilt}`,
    content: { channel: 'push', campaignType: 'routine', ...content },
    reservedAtMs: sentAtMs,
    expiresAtMs: sentAtMs + 10 * MINUTE,
    state,
    ruleId: 'cap-1',
    reason: 'within_caps',
    repeated: false,
    ...facts,
  };
}

/** A ledger in memory whose appends can be made to fail, or to answer late and out of order. */
export class ScriptedLedger implements TouchLedger {
  readonly entries: TouchLedgerEntry[] = [];
  failing = false;
  /** Turns of the event loop before each append is in. */
  delays: number[] = [];
  /** A lost answer: the entries are kept, and the call fails all the same. */
  losingAnswers = false;

  async append(entries: readonly TouchLedgerEntry[]): Promise<void> {
    for (let turns = this.delays.shift() ?? 0; turns > 0; turns -= 1) await Promise.resolve();
    if (this.failing) throw new Error('disk full');
    this.entries.push(...entries.map((entry) => ({ ...entry })));
    if (this.losingAnswers) throw new Error('connection lost');
  }

  async lastSeq() {
    return this.entries.length;
  }

  async read({ afterSeq, limit }: { afterSeq: number; limit: number }) {
    return this.entries
      .slice(afterSeq, afterSeq + limit)
      .map((entry, i) => ({ ...entry, seq: afterSeq + i + 1 }));
  }

  async historyOf(asked: { userIds: readonly string[]; beforeSeq: number; limit: number }) {
    return plainHistory(await this.#logged(), asked);
  }

  async evidenceOf(userIds: readonly string[]) {
    return plainEvidence(await this.#logged(), userIds);
  }

  async idsAfter({ afterId, limit }: { afterId: string; limit: number }) {
    return plainIds(await this.#logged())
      .filter((userId) => userId > afterId)
      .slice(0, limit);
  }

  async wordsOf(userIds: readonly string[]) {
    return plainWords(await this.#logged(), userIds);
  }

  async ofPermits(permitIds: readonly string[]) {
    return (await this.#logged()).filter(
      (entry): entry is PermitEntry =>
        ['reserved', 'committed', 'released', 'taken'].includes(entry.kind) &&
        permitIds.includes((entry as PermitEntry).permitId),
    );
  }

  #logged() {
    return this.read({ afterSeq: 0, limit: this.entries.length });
  }
}
