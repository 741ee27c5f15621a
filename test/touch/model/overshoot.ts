import { type CapRule, campaignTypeFacts, type TouchPolicy } from '../../../src/touch/touchPolicy.js';
import { agree } from './plainDecision.js';
import type { PlainPermit } from './plainPermit.js';
import { isAbout, isCounted, isInWindow, usesSlot } from './plainRules.js';

type Sent = PlainPermit & { readonly end: Exclude<PlainPermit['end'], string> };

/**
 * C6: at every moment at which a message went out, as many as the cap at most had gone out in the window that ends
 * there, to each id of those that were never linked. But for those that a sender committed late or
 * though their slot was taken, for kinds that bypass the cap, and for those of which their channel reported what
 * the cap does not count.
 */
export function expectNoOvershoot(
  permits: readonly PlainPermit[],
  { policy, timezone }: { policy: TouchPolicy; timezone: string },
): void {
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
      const question = { content: last.content, policy, timezone, nowMs: atMs };
      const before = bound.filter(
        ({ userId, content, end }) =>
          userId === last.userId && end.sentAtMs <= atMs && usesSlot(rule, content, question),
      );
      const inWindow = before.filter(({ end }) =>
        isInWindow(rule, { one: { sentAtMs: end.sentAtMs, reported: 'nothing' }, timezone, atMs }),
      );
      const told = () =>
        `${rule.id} is exceeded at ${new Date(atMs).toISOString()}: ${JSON.stringify(inWindow)}`;
      agree(inWindow.length <= rule.cap, told);
      const { minGapMs = 0 } = rule;
      agree(
        before.every((one) => one === last || atMs - one.end.sentAtMs >= minGapMs),
        told,
      );
    }
  }
}

function isBound(rule: CapRule, { permit, policy }: { permit: PlainPermit; policy: TouchPolicy }): boolean {
  const facts = campaignTypeFacts(policy, permit.content.campaignType);
  const isCounted = rule.ceiling || facts.countsTowardCaps;
  return (
    isAbout(rule, permit.content) && isCounted && (rule.ceiling || permit.decidedBy?.reason !== 'bypass')
  );
}
