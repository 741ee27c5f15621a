import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { Channel, DecisionKind, toEpochMs } from '../../../src/server/client.js';
import type { TouchPlace } from '../checks/overshoot.js';
import { askSome, type Load } from './ask.js';
import type { TouchStory } from './book.js';
import { choicesOf, SHOPS, TOUCH_CHANNELS, TOUCHED_USERS, WANDERERS } from './shopfront.js';

const TTL_MS = 10_000n;
/** Of a sender that will never be heard of again. */
const SHORT_TTL_MS = 1_500n;
/** How long a word about a permit is repeated until it is acknowledged: beyond any outage of a run. */
const INSIST_MS = 90_000;

type Choices = ReturnType<typeof choicesOf>;

/**
 * Campaigns as they are: each asks for a permit, asks again with the same request when no answer
 * came (maybe at the other server), sends, and says so until it is heard. Some release, some die
 * with the permit in hand, some ask once more for what they have, or for what they were refused.
 */
export async function sendTouches(load: Load, name: string): Promise<void> {
  const choices = choicesOf(`${name} chooses`);
  const { random, pick } = choices;
  const settling = new Set<Promise<void>>();
  for (let call = 0; !load.ending.aborted; call++) {
    await sleep(10 + 30 * random());
    const story: TouchStory = {
      requestId: `${name}/${call}`,
      userId: pick(TOUCHED_USERS),
      channel: Channel[pick(TOUCH_CHANNELS)] as string,
      shopId: pick(SHOPS.slice(0, 3)),
    };
    load.book.touches.set(story.requestId, story);
    if (random() < 0.3) await askWhether(load, story, choices);
    const dies = random() < 0.1;
    if (!(await reserve(load, story, { choices, ttlMs: dies ? SHORT_TTL_MS : TTL_MS })) || dies) continue;
    if (random() < 0.1) await askAgain(load, story, choices);
    const settled = settle(load, story, choices).finally(() => settling.delete(settled));
    settling.add(settled);
  }
  await Promise.all(settling);
}

function questionOf({ userId, channel, shopId }: TouchPlace) {
  return { userId, channel: Channel[channel as keyof typeof Channel], shopId, campaignType: 'routine' };
}

/** Only a question; an ALLOW is looked at when the run is over. */
async function askWhether(load: Load, place: TouchPlace, { random }: Choices): Promise<void> {
  const askedMs = Date.now();
  const { userId, channel, shopId } = place;
  const asked = await askSome(load, {
    method: 'CanTouch',
    random,
    patience: 'patient',
    ask: (client) => client.canTouch({ question: questionOf(place) }),
  });
  if (asked.kind === 'refused') load.book.violate(`CanTouch was refused: ${asked.details}`);
  if (asked.kind !== 'answered') return;
  const isAllowed = asked.answer.decision?.kind === DecisionKind.ALLOW;
  load.book.tally.add('answers of CanTouch', isAllowed ? 'allow' : 'delay');
  if (isAllowed) load.book.allowed.push({ userId, channel, shopId, askedMs, answeredMs: Date.now() });
}

/** Whether there is a permit, of which nobody was told before. */
async function reserve(
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
      continue;
    }
    const { permit, decision, repeated } = asked.answer;
    if (permit === undefined) {
      book.tally.add('answers of ReserveTouch', `refused by ${decision?.ruleId}`);
      if (refusalsLeft-- > 0) continue;
      return false;
    }
    book.tally.add('answers of ReserveTouch', repeated ? 'permit, at a repeat' : 'permit');
    story.permitId = permit.permitId;
    story.reservedAtMs = toEpochMs(permit.reservedAt) as number;
    story.expiresAtMs = toEpochMs(permit.expiresAt) as number;
    story.permittedMs = Date.now();
    return true;
  }
  return false;
}

/** Whoever asks for what they have gets the same permit. */
async function askAgain(load: Load, story: TouchStory, { random }: Choices): Promise<void> {
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

/** Sends and commits, or releases; insists until that is acknowledged. */
async function settle(load: Load, story: TouchStory, { random }: Choices): Promise<void> {
  const { book } = load;
  const isSent = random() < 0.8;
  await sleep(200 * random());
  if (isSent) {
    const nowMs = Date.now();
    // The permit took its time to arrive: what it held may be another's by now.
    if (nowMs >= (story.expiresAtMs as number)) return;
    story.sentMs = nowMs;
  }
  const permitId = story.permitId as string;
  const method = isSent ? 'CommitTouch' : 'ReleaseTouch';
  const endMs = performance.now() + INSIST_MS;
  while (performance.now() < endMs) {
    const asked = await askSome(load, {
      method,
      random,
      patience: random() < 0.2 ? 'hasty' : 'patient',
      ask: async (client) => {
        if (!isSent) {
          await client.releaseTouch({ permitId });
          return undefined;
        }
        return client.commitTouch({ permitId });
      },
    });
    if (asked.kind === 'refused') {
      book.violate(`${method} of ${permitId} was answered ${status[asked.code]}: ${asked.details}`);
      return;
    }
    if (asked.kind === 'answered') {
      if (asked.answer === undefined) story.isReleased = true;
      else {
        const { committedAt, late } = asked.answer;
        story.committed = { atMs: toEpochMs(committedAt) as number, late, acknowledgedMs: Date.now() };
      }
      return;
    }
    await sleep(50 + 200 * random());
  }
  book.violate(`${method} of ${permitId} was never acknowledged`);
}
