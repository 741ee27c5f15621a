import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../src/core/random.js';
import { Channel, Outcome } from '../../../src/server/client.js';
import type { RollingCap } from '../caps.js';
import { Book } from '../load/book.js';
import { describeRun, verdict } from '../report.js';
import type { RunOptions } from '../underLoad.js';
import { startWorld, type World } from '../world/world.js';
import { type CampaignPlan, runCampaign } from './campaign.js';
import { checkCampaigns } from './checkCampaigns.js';
import { describeCount } from './describeCount.js';

export interface CampaignsOptions extends RunOptions {
  readonly campaigns: number;
  readonly users: number;
  readonly servers: number;
  /** Servers that are killed on the way: the first comes back, the others stay away. */
  readonly kills: number;
}

/** One that fills for good, and two whose slots come free again while campaigns go on. */
const CAPS: readonly RollingCap[] = [
  { ruleId: 'all_together', scope: [], windowMs: 3_600_000, cap: 6 },
  { ruleId: 'each_channel', scope: ['channel'], windowMs: 15_000, cap: 2 },
  { ruleId: 'each_shop', scope: ['shop'], windowMs: 30_000, cap: 2 },
];
const CHANNELS = [Channel.PUSH, Channel.SMS, Channel.SERVICE_ACCOUNT];
const SHOPS = 8;
const MESSAGE_SIZES = [100, 250, 500, 1_000];
/** Campaigns that begin at different people meet the others'; those that begin at the same race for them. */
const STARTING_PLACES = 4;
const LEFT_ALONE_EVERY = 100;
const BACK_AFTER_MS = 1_500;

/** Many campaigns over the same people while servers are killed; whether no cap was exceeded. */
export async function runCampaigns(options: CampaignsOptions): Promise<boolean> {
  const { program, seed, campaigns, users, servers, kills, say } = options;
  const title = `${campaigns} campaigns over ${users} people, ${servers} servers, ${kills} of them killed`;
  const startMs = performance.now();
  say(`starting PostgreSQL, a Redis Cluster of six nodes and ${servers} servers (seed ${seed})`);
  const serverNames = Array.from({ length: servers }, (_, i) => `${i + 1}`);
  const world = await startWorld({ program, caps: CAPS, serverNames });
  let isSound = false;
  try {
    const book = new Book();
    const leftAlone = await leaveSomeAlone(world, users);
    say(title);
    const loadMs = performance.now();
    await underKills({ world, book, options });
    const tookSeconds = (performance.now() - loadMs) / 1_000;
    say('counting');
    const { count, checks } = await checkCampaigns(world, { book, leftAlone });
    isSound = book.violationCount === 0 && checks.every(({ violations }) => violations.length === 0);
    const inAllSeconds = Math.round((performance.now() - startMs) / 1_000);
    for (const line of describeRun({ title, seed, tookSeconds: inAllSeconds, book, checks })) say(line);
    for (const line of describeCount({ book, count, tookSeconds })) say(line);
    for (const line of verdict({ seed, book, checks, directory: world.directory })) say(line);
    if (!isSound) writeFileSync(join(world.directory, 'timeline.log'), `${book.timeline.join('\n')}\n`);
    return isSound;
  } finally {
    await world.stop({ keepLogs: !isSound });
  }
}

function plansOf(options: CampaignsOptions, onDone: CampaignPlan['onDone']): CampaignPlan[] {
  const people = Array.from({ length: options.users }, (_, n) => `member-${n}`);
  const random = seededRandom(options.seed);
  return Array.from({ length: options.campaigns }, (_, i) => {
    const from = Math.floor(((i % STARTING_PLACES) * people.length) / STARTING_PLACES);
    return {
      name: `${options.seed}/campaign-${i}`,
      channel: CHANNELS[i % CHANNELS.length] as Channel,
      shopId: `shop-${i % SHOPS}`,
      userIds: [...people.slice(from), ...people.slice(0, from)],
      messageSize: MESSAGE_SIZES[Math.floor(random() * MESSAGE_SIZES.length)] as number,
      onDone,
    };
  });
}

/** All campaigns to their end; the servers die one after the other, evenly over what there is to do. */
async function underKills({
  world,
  book,
  options,
}: {
  world: World;
  book: Book;
  options: CampaignsOptions;
}): Promise<void> {
  const total = options.campaigns * options.users;
  const ending = new AbortController();
  const killings: Promise<void>[] = [];
  let done = 0;
  const plans = plansOf(options, (people) => {
    done += people;
    if (killings.length < options.kills && done > (total * (killings.length + 1)) / (options.kills + 1)) {
      const killing = kill(world, { book, index: killings.length });
      // Told of below; until then it must not count as unhandled.
      killing.catch(() => undefined);
      killings.push(killing);
    }
  });
  const load = { book, servers: world.servers, ending: ending.signal };
  await Promise.all(plans.map((plan) => runCampaign(load, plan)));
  await Promise.all(killings);
}

async function kill({ servers }: World, { book, index }: { book: Book; index: number }): Promise<void> {
  const server = servers[index];
  if (server === undefined) return;
  book.tally.add('servers', 'killed');
  book.note(`server ${server.name} killed`);
  await server.kill9();
  if (index > 0) return;
  await sleep(BACK_AFTER_MS);
  await server.startUntilUp();
  book.tally.add('servers', 'back');
  book.note(`server ${server.name} back`);
}

async function leaveSomeAlone({ servers }: World, users: number): Promise<ReadonlySet<string>> {
  const left = new Set<string>();
  for (let n = LEFT_ALONE_EVERY - 1; n < users; n += LEFT_ALONE_EVERY) {
    const userId = `member-${n}`;
    await servers[0]?.life?.patient.recordOutcome({ userId, outcome: Outcome.UNSUBSCRIBED });
    left.add(userId);
  }
  return left;
}
