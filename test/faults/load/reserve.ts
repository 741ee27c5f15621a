import { setTimeout as sleep } from 'node:timers/promises';
import { Channel, type Decision, DecisionKind, type Permit, toEpochMs } from '../../../src/server/client.js';
import type { TouchPlace } from '../checks/overshoot.js';
import { askSome, type Load } from './ask.js';
import type { Book, TouchStory } from './book.js';
import { type choicesOf, WANDERERS } from './shopfront.js';

type Choices = ReturnType<typeof choicesOf>;

/** How long a permit holds of a sender that means to use it. */
export const TTL_MS = 10_000n;

export function questionOf({ userId, channel, shopId }: TouchPlace) {
  return { userId, channel: Channel[channel as keyof typeof Channel], shopId, campaignType: 'routine' };
}

/** Whether there is a permit, of which nobody was told before. */
export async function reserve(
  load: Load,
  story: TouchStory,
  { choices: { random }, ttlMs }: { choices: Choices; ttlMs: bigint },
): Promise<boolean> {
  const { book, ending } = load;
  let refusalsLeft = random() < 0.3 ? 2 : 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    if (attempt > 0) await sleep(20 + 200 * random());
    const asked = await askSome(load, {
      method: 'ReserveTouch',
      random,
      patience: random() < 0.3 ? 'hasty' : 'patient',
      ask: (client) =>
        client.reserveTouch({ requestId: story.requestId, question: questionOf(story), ttlMs }),
    });
    if (asked.kind === 'refused') {
      book.violate(`ReserveTouch was refused: ${asked.details}`);
      return false;
    }
    if (asked.kind === 'unanswered') {
      if (ending.aborted || random() < 0.05) return false;
      book.tally.add('retried', 'ReserveTouch');
      continue;
    }
    const { permit } = asked.answer;
    countDecision(book, asked.answer);
    if (permit === undefined) {
      if (refusalsLeft-- > 0) continue;
      return false;
    }
    writePermit(story, permit);
    return true;
  }
  return false;
}

/** What came of asking, for the count of the run. */
export function countDecision(
  { tally }: Book,
  answer: { readonly decision?: Decision; readonly permit?: Permit; readonly repeated: boolean },
): void {
  const { decision, permit, repeated } = answer;
  const kind = decision?.kind ?? DecisionKind.UNSPECIFIED;
  tally.add('decisions of ReserveTouch', DecisionKind[kind].toLowerCase());
  if (permit === undefined) tally.add('answers of ReserveTouch', `refused by ${decision?.ruleId}`);
  else tally.add('answers of ReserveTouch', repeated ? 'permit, at a repeat' : 'permit');
}

/** The permit that a touch has from now on. */
export function writePermit(story: TouchStory, { permitId, reservedAt, expiresAt }: Permit): void {
  story.permitId = permitId;
  story.reservedAtMs = toEpochMs(reservedAt) as number;
  story.expiresAtMs = toEpochMs(expiresAt) as number;
  story.permittedMs = Date.now();
}

/** Whoever asks for what they have gets the same permit. */
export async function askAgain(load: Load, story: TouchStory, { random }: Choices): Promise<void> {
  const asked = await askSome(load, {
    method: 'ReserveTouch',
    random,
    patience: 'patient',
    ask: (client) =>
      client.reserveTouch({ requestId: story.requestId, question: questionOf(story), ttlMs: TTL_MS }),
  });
  if (asked.kind === 'refused') load.book.violate(`a repeated ReserveTouch was refused: ${asked.details}`);
  if (asked.kind !== 'answered') return;
  const { permit, repeated, decision } = asked.answer;
  const isSame = permit?.permitId === story.permitId && repeated;
  load.book.tally.add(
    'answers of ReserveTouch',
    isSame ? 'the permit once more' : 'another answer to a repeat',
  );
  const decidedAtMs = toEpochMs(decision?.decidedAt) ?? Number.POSITIVE_INFINITY;
  // Whose ids are linked meanwhile may have more than is allowed, and then nobody is told yes.
  const isLinked = (WANDERERS as readonly string[]).includes(story.userId);
  if (!isSame && !isLinked && decidedAtMs < (story.expiresAtMs as number)) {
    load.book.violate(
      `a repeat of ${story.requestId} for ${story.userId} got another answer: ${permit?.permitId ?? decision?.ruleId}`,
    );
  }
}
