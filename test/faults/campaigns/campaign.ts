import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from '../../../src/core/gate.js';
import { Channel } from '../../../src/server/client.js';
import type { Load } from '../load/ask.js';
import type { TouchStory } from '../load/book.js';
import { ReservationStream } from '../load/reservationStream.js';
import { askAgain, countDecision, questionOf, reserve, writePermit } from '../load/reserve.js';
import { settle } from '../load/settle.js';
import { choicesOf } from '../load/shopfront.js';

/** Long enough for a message of a stream to be answered and all of its permits to be used. */
const TTL_MS = 60_000n;
/** Of a sender that will never be heard of again. */
const SHORT_TTL_MS = 15_000n;
const DYING_RATIO = 0.05;
const ASKED_AGAIN_RATIO = 0.02;
/** Of the people: asked for one by one, by calls of their own. */
const SINGLE_CALL_RATIO = 0.06;
/** Messages whose answer is not waited for. */
const HUNG_UP_RATIO = 0.1;
const AT_ONCE = 8;

export interface CampaignPlan {
  readonly name: string;
  readonly channel: Channel;
  readonly shopId: string;
  /** Everybody once, in this order. */
  readonly userIds: readonly string[];
  readonly messageSize: number;
  /** So many more people are done with. */
  readonly onDone: (people: number) => void;
}

type Choices = ReturnType<typeof choicesOf>;

/**
 * One campaign from its first person to its last: most of them by a stream, some by single calls; what is
 * not answered is asked again with the same request ids, at whichever server. Whoever has a permit sends and
 * commits, or releases; some die with it in hand.
 */
export async function runCampaign(load: Load, plan: CampaignPlan): Promise<void> {
  const choices = choicesOf(plan.name);
  const stream = new ReservationStream(load, choices.random);
  for (let from = 0; from < plan.userIds.length; from += plan.messageSize) {
    const stories = plan.userIds.slice(from, from + plan.messageSize).map((userId) => storyOf(plan, userId));
    for (const story of stories) load.book.touches.set(story.requestId, story);
    const single = stories.filter(() => choices.random() < SINGLE_CALL_RATIO);
    const singles = new Set(single);
    const streamed = stories.filter((story) => !singles.has(story));
    await Promise.all([
      reserveAlone(load, single, choices),
      reserveTogether(load, streamed, { stream, choices }),
    ]);
    const gate = new Gate(AT_ONCE);
    const permitted = stories.filter((story) => story.permitId !== undefined && !isDying(story));
    await Promise.all(permitted.map((story) => gate.through(() => usePermit(load, story, choices))));
    plan.onDone(stories.length);
  }
  stream.close();
}

function storyOf({ name, channel, shopId }: CampaignPlan, userId: string): TouchStory {
  return { requestId: `${name}/${userId}`, userId, channel: Channel[channel] as string, shopId };
}

function isDying({ requestId }: TouchStory): boolean {
  return choicesOf(requestId).random() < DYING_RATIO;
}

function ttlOf(story: TouchStory): bigint {
  return isDying(story) ? SHORT_TTL_MS : TTL_MS;
}

async function reserveAlone(load: Load, stories: readonly TouchStory[], choices: Choices): Promise<void> {
  const gate = new Gate(AT_ONCE);
  await Promise.all(
    stories.map((story) => gate.through(() => reserve(load, story, { choices, ttlMs: ttlOf(story) }))),
  );
}

async function reserveTogether(
  load: Load,
  stories: readonly TouchStory[],
  { stream, choices: { random } }: { stream: ReservationStream; choices: Choices },
): Promise<void> {
  const { book } = load;
  let left = stories;
  while (left.length > 0) {
    const slots = left.map((story) => ({
      requestId: story.requestId,
      question: questionOf(story),
      ttlMs: ttlOf(story),
    }));
    const isHungUp = random() < HUNG_UP_RATIO;
    const answer = isHungUp ? await stream.askAndHangUp(slots) : await stream.ask(slots);
    if (answer !== undefined && answer.violations.length > 0) {
      for (const { field, rule } of answer.violations) book.violate(`${field} ${rule}`);
      return;
    }
    const undecided: TouchStory[] = [];
    for (const [i, story] of left.entries()) {
      const result = answer?.results[i];
      if (result?.decision === undefined) {
        for (const { field, rule } of result?.violations ?? []) book.violate(`${field} ${rule}`);
        undecided.push(story);
        continue;
      }
      countDecision(book, result);
      if (result.permit !== undefined) writePermit(story, result.permit);
    }
    left = undecided;
    if (left.length === 0) return;
    book.tally.add('retried', 'reservation of a stream', left.length);
    await sleep(50 + 200 * random());
  }
}

async function usePermit(load: Load, story: TouchStory, choices: Choices): Promise<void> {
  if (choices.random() < ASKED_AGAIN_RATIO) await askAgain(load, story, choices);
  await settle(load, story, choices);
}
