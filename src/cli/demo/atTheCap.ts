import { HOUR_MS } from '../../core/time.js';
import { Channel, type Decision, DecisionKind, Outcome, toEpochMs } from '../../server/client.js';
import { SHOP_TIME_ZONE } from './openShop.js';
import type { Stage } from './scene.js';
import { wallClock } from './screen.js';

const PERSON = 'h31';
const CHANNEL_WORDS = { [Channel.PUSH]: 'push', [Channel.EMAIL]: 'e-mail', [Channel.SMS]: 'SMS' } as const;

interface Message {
  readonly channel: keyof typeof CHANNEL_WORDS;
  readonly shopId: string;
  readonly campaignType?: string;
}

/** C5, C6, C8: many campaigns ask at once, and nobody hears from us more than they bear. */
export async function atTheCap(stage: Stage): Promise<void> {
  const { shop, screen } = stage;
  const { client, clock } = shop;
  screen.heading('4. A person at their cap');
  screen.say(
    `${PERSON}, in New York. Four campaigns of four shops want to write at the same moment; the shipped`,
    'policy lets all channels together send 3 messages in 24 hours.',
    '',
  );
  const campaigns: readonly Message[] = [
    { channel: Channel.PUSH, shopId: 'm69' },
    { channel: Channel.EMAIL, shopId: 'm2' },
    { channel: Channel.SMS, shopId: 'm5' },
    { channel: Channel.PUSH, shopId: 'm6' },
  ];
  const answers = await Promise.all(
    campaigns.map((message, index) =>
      client.reserveTouch({ requestId: `campaign-${index + 1}`, question: question(message) }),
    ),
  );
  const permits: string[] = [];
  for (const [index, { decision, permit }] of answers.entries()) {
    tell(stage, `ReserveTouch  ${wordsOf(campaigns[index] as Message)}`, decision);
    if (permit !== undefined) permits.push(permit.permitId);
  }
  const waiting = campaigns[answers.findIndex(({ permit }) => permit === undefined)];
  if (waiting === undefined) throw new Error('no campaign was told to wait');

  screen.step(
    `CommitTouch: the ${permits.length} with a permit are sent. Their slots are used up now, not only held:`,
  );
  for (const permitId of permits) await client.commitTouch({ permitId });
  const ask = async (words: string, message: Message) => {
    const { decision } = await client.canTouch({ question: question(message) });
    tell(stage, `CanTouch      ${words}`, decision);
    return decision;
  };
  const notBeforeMs = toEpochMs((await ask(wordsOf(waiting), waiting))?.notBefore);
  if (notBeforeMs === undefined) throw new Error('the campaign was not told when to ask again');

  screen.step('not_before is exact. The clock moves to one millisecond before it, and then to it:');
  for (const atMs of [notBeforeMs - 1, notBeforeMs]) {
    clock.moveTo(atMs);
    await ask(wordsOf(waiting), waiting);
  }

  screen.step('Night is night, but what a person waits for is no marketing:');
  clock.moveTo(notBeforeMs + 12.5 * HOUR_MS);
  await ask('SMS of m69', { channel: Channel.SMS, shopId: 'm69' });
  await ask('SMS, an order notice', { channel: Channel.SMS, shopId: 'm69', campaignType: 'transactional' });

  screen.step('RecordOutcome: the person unsubscribes. From now on, on every channel:');
  await client.recordOutcome({ userId: PERSON, outcome: Outcome.UNSUBSCRIBED });
  await ask(wordsOf(waiting), waiting);
}

function wordsOf({ channel, shopId }: Message): string {
  return `${CHANNEL_WORDS[channel]} of ${shopId}`;
}

function question(message: Message) {
  return { userId: PERSON, ...message };
}

const KINDS: Readonly<Record<number, string>> = {
  [DecisionKind.ALLOW]: 'ALLOW',
  [DecisionKind.DELAY]: 'DELAY',
  [DecisionKind.DENY]: 'DENY',
};

function tell({ shop, screen }: Stage, asked: string, decision: Decision | undefined): void {
  if (decision === undefined) throw new Error('the server gave no decision');
  const now = wallClock(shop.clock.nowMs(), SHOP_TIME_ZONE).slice(-8);
  screen.say(`${now}  ${asked.padEnd(36)}  ${KINDS[decision.kind] ?? ''}`);
  const notBeforeMs = toEpochMs(decision.notBefore);
  const waits = decision.kind === DecisionKind.DELAY && notBeforeMs !== undefined;
  screen.detail(decision.reason, ...(waits ? [`not_before ${new Date(notBeforeMs).toISOString()}`] : []));
}
