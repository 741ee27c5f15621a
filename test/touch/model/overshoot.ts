import { type CapRule, campaignTypeFacts, type TouchPolicy } from '../../../src/touch/touchPolicy.js';
import { agree } from './plainDecision.js';
import type { PlainPermit } from './plainPermit.js';
import { isAbout, isBoundBy, isCounted, isInWindow, usesSlot } from './plainRules.js';

type Sent = PlainPermit & { readonly end: Exclude<PlainPermit['end'], string> };

interface Setting {
  readonly policy: TouchPolicy;
  readonly timezone: string;
}

/**
 * C6: at every moment at which a message went out, as many as the cap at most had gone out in the window that ends
 * there, to each id of those that were never linked. But for those that a sender committed late or
 * though their slot was taken, for kinds that bypass the cap, and for those of which their channel reported what
 * the cap does not count. And C4: what promotions hold was left to them.
 */
export function expectNoOvershoot(permits: readonly PlainPermit[], setting: Setting): void {
  const { policy, timezone } = setting;
  const sent = permits.filter(
    (permit): permit is Sent => typeof permit.end === 'object' && !permit.end.late && !permit.end.taken,
  );
  for (const rule of policy.caps) {
    if (rule.shadow) continue;
    const bound = sent.filter(
      (permit) =>
        isBound(rule, { permit, policy }) && permit.reports.every((reported) => isCounted(rule, reported)),
    );
    for (const last of bound) {
      const atMs = last.end.sentAtMs;
      const before = bound.filter(
        (one) => one.end.sentAtMs <= atMs && sharesSlots(rule, policy, [one, last]),
      );
      const inWindow = before.filter((one) => isInWindowAt(rule, one, { timezone, atMs }));
      const told = () =>
        `${rule.id} is exceeded at ${new Date(atMs).toISOString()}: ${JSON.stringify(inWindow)}`;
      agree(inWindow.length <= rule.cap, told);
      const { minGapMs = 0 } = rule;
      agree(
        before.every((one) => one === last || atMs - one.end.sentAtMs >= minGapMs),
        told,
      );
    }
    expectSlotsLeft(rule, bound, setting);
  }
}

/**
 * C4: while promotions run that hold slots of a cap, and when they begin, those that none of them holds anything
 * for have at most what the cap has beside. What was sent before one was announced would be another matter.
 */
function expectSlotsLeft(rule: CapRule, bound: readonly Sent[], { policy, timezone }: Setting): void {
  const moments = [
    ...bound.map(({ end }) => end.sentAtMs),
    ...(policy.promotions ?? []).map((one) => one.startMs),
  ];
  for (const atMs of moments) {
    const running = (policy.promotions ?? []).flatMap((promotion) => {
      const slots = promotion.heldSlots.find(({ ruleId }) => ruleId === rule.id)?.slots;
      const runs = promotion.startMs <= atMs && atMs < promotion.endMs;
      return slots === undefined || !runs ? [] : [{ promotion, slots }];
    });
    if (running.length === 0) continue;
    const others = bound.filter(
      (one) =>
        one.end.sentAtMs <= atMs &&
        isInWindowAt(rule, one, { timezone, atMs }) &&
        running.every(({ promotion }) => isBoundBy(promotion, one.content)),
    );
    const left = Math.max(0, rule.cap - running.reduce((sum, { slots }) => sum + slots, 0));
    for (const last of others) {
      const beside = others.filter((one) => sharesSlots(rule, policy, [one, last]));
      agree(
        beside.length <= left,
        () =>
          `slots held of ${rule.id} were used at ${new Date(atMs).toISOString()}: ${JSON.stringify(beside)}`,
      );
    }
  }
}

function isInWindowAt(
  rule: CapRule,
  { end }: Sent,
  { timezone, atMs }: { timezone: string; atMs: number },
): boolean {
  return isInWindow(rule, { one: { sentAtMs: end.sentAtMs, reported: 'nothing' }, timezone, atMs });
}

/** Whether the one uses up a slot that the other needs. */
function sharesSlots(rule: CapRule, policy: TouchPolicy, [one, other]: readonly [Sent, Sent]): boolean {
  return one.userId === other.userId && usesSlot(rule, one.content, { content: other.content, policy });
}

function isBound(rule: CapRule, { permit, policy }: { permit: PlainPermit; policy: TouchPolicy }): boolean {
  const facts = campaignTypeFacts(policy, permit.content.campaignType);
  const isCounted = rule.ceiling || facts.countsTowardCaps;
  return (
    isAbout(rule, permit.content) && isCounted && (rule.ceiling || permit.decidedBy?.reason !== 'bypass')
  );
}
