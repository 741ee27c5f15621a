import { setTimeout as sleep } from 'node:timers/promises';
import { Channel, DecisionKind } from '../../../src/server/client.js';
import type { TouchPlace } from '../checks/overshoot.js';
import { askSome, type Load } from './ask.js';
import type { TouchStory } from './book.js';
import { askAgain, questionOf, reserve, TTL_MS } from './reserve.js';
import { settle } from './settle.js';
import { choicesOf, SHOPS, TOUCH_CHANNELS, TOUCHED_USERS } from './shopfront.js';

/** Of a sender that will never be heard of again. */
const SHORT_TTL_MS = 1_500n;

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
