import { SECOND_MS } from '../../core/time.js';
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
    const message = campaigns[index] as Message;
    tell(stage, `ReserveTouch  ${CHANNEL_WORDS[message.channel].padEnd(6)} of ${message.shopId}`, decision);
    if (permit !== undefined) permits.push(permit.permitId);
  }
  for (const permitId of permits) await client.commitTouch({ permitId });
  screen.say(`CommitTouch   the ${permits.length} that got a permit are sent.`);

  const refused = answers.find(({ permit }) => permit === undefined);
  const notBeforeMs = toEpochMs(refused?.decision?.notBefore);
  if (notBeforeMs === undefined) throw new Error('no campaign was told to wait');
  const again = { question: question(campaigns[3] as Message) };
  screen.step(`not_before is exact. The clock moves to a millisecond before it, and then to it:`);
  for (const atMs of [notBeforeMs - 1, notBeforeMs]) {
    clock.moveTo(atMs);
    tell(stage, 'CanTouch      push   of m6', (await client.canTouch(again)).decision);
  }

  screen.step('What the person waits for is no marketing, and night is night:');
  clock.moveTo(notBeforeMs + 12.5 * 3_600 * SECOND_MS);
  const notice: Message = { channel: Channel.SMS, shopId: 'm69', campaignType: 'transactional' };
  tell(
    stage,
    'CanTouch      SMS, an order notice',
    (await client.canTouch({ question: question(notice) })).decision,
  );
  tell(
    stage,
    'CanTouch      SMS, a campaign',
    (await client.canTouch({ question: question({ ...notice, campaignType: '' }) })).decision,
  );

  screen.step('RecordOutcome: the person unsubscribes. From now on, on every channel:');
  await client.recordOutcome({ userId: PERSON, outcome: Outcome.UNSUBSCRIBED });
  tell(
    stage,
    'CanTouch      e-mail of m2',
    (await client.canTouch({ question: question(campaigns[1] as Message) })).decision,
  );
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
  const time = wallClock(shop.clock.nowMs(), SHOP_TIME_ZONE).slice(-8);
  screen.say(`${time}  ${asked.padEnd(34)} ${(KINDS[decision.kind] ?? '').padEnd(6)} ${decision.reason}`);
  const notBeforeMs = toEpochMs(decision.notBefore);
  if (notBeforeMs !== undefined && decision.kind === DecisionKind.DELAY) {
    screen.say(
      `          not_before ${new Date(notBeforeMs).toISOString()} (${wallClock(notBeforeMs, SHOP_TIME_ZONE)} there)`,
    );
  }
}
