import { partitionOf } from '../core/partitions.js';
import type { EpochMs } from '../core/time.js';
import { replayEntry } from '../touch/replayTouchLedger.js';
import { homeIn } from '../touch/touchHome.js';
import type { TouchLedger } from '../touch/touchLedger.js';
import type { TouchStore } from '../touch/touchStore.js';
import { EMPTY_TOUCH_LOG, prunedLog, type UserTouchLog } from '../touch/userTouchLog.js';

export interface VerifyTouchesOptions {
  readonly partitions: readonly number[];
  readonly ledger: Pick<TouchLedger, 'read'>;
  readonly store: Pick<TouchStore, 'read'>;
  /** What ended before need not be online any more. */
  readonly pruneBeforeMs: EpochMs;
}

/** A user whose touch log online is not what the ledger says. */
export interface TouchDifference {
  readonly userId: string;
  /** In words, such as `2 sent touches are missing online`. */
  readonly what: string;
}

export interface TouchComparison {
  readonly users: number;
  readonly permits: number;
  /** At most `DIFFERENCES_NAMED`. */
  readonly differences: readonly TouchDifference[];
  readonly differenceCount: number;
}

const DIFFERENCES_NAMED = 100;
const PAGE = 2_000;
/** A touch is online a moment before it is in the ledger: who differs is looked at again after this. */
const LOOK_AGAIN_MS = 1_500;
/** Users read at once. */
const AT_ONCE = 64;

/**
 * Compares what counts against caps and who is left alone, online and by the ledger, a partition at a
 * time. May run while touches are given out.
 */
export async function verifyTouches(options: VerifyTouchesOptions): Promise<TouchComparison> {
  const differences: TouchDifference[] = [];
  let [users, permits] = [0, 0];
  for (const partition of options.partitions) {
    const truth = new PartitionTruth(partition, options);
    await truth.readOn();
    let differing = await differencesOf([...truth.logs.keys()], truth, options);
    if (differing.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      await truth.readOn();
      differing = await differencesOf(
        differing.map(({ userId }) => userId),
        truth,
        options,
      );
    }
    users += truth.logs.size;
    for (const { records } of truth.logs.values()) permits += records.length;
    differences.push(...differing);
  }
  return {
    users,
    permits,
    differences: differences.slice(0, DIFFERENCES_NAMED),
    differenceCount: differences.length,
  };
}

/** The touch logs of a partition as the ledger tells them. */
class PartitionTruth {
  readonly logs = new Map<string, UserTouchLog>();
  readonly #partition: number;
  readonly #options: VerifyTouchesOptions;
  #seq = 0;

  constructor(partition: number, options: VerifyTouchesOptions) {
    this.#partition = partition;
    this.#options = options;
  }

  async readOn(): Promise<void> {
    const { ledger, pruneBeforeMs } = this.#options;
    for (;;) {
      const page = await ledger.read({
        afterSeq: this.#seq,
        limit: PAGE,
        partitions: [this.#partition],
      });
      for (const entry of page) {
        if (partitionOf(entry.userId) !== this.#partition) continue;
        const log = replayEntry(this.logs.get(entry.userId) ?? EMPTY_TOUCH_LOG, entry);
        this.logs.set(entry.userId, prunedLog(log, pruneBeforeMs));
        this.#seq = entry.seq;
      }
      if (page.length < PAGE) return;
    }
  }
}

async function differencesOf(
  userIds: readonly string[],
  { logs }: PartitionTruth,
  { store, pruneBeforeMs }: VerifyTouchesOptions,
): Promise<TouchDifference[]> {
  const differences: TouchDifference[] = [];
  for (let start = 0; start < userIds.length; start += AT_ONCE) {
    const chunk = userIds.slice(start, start + AT_ONCE);
    const online = await Promise.all(chunk.map((userId) => store.read(userId)));
    for (const [i, userId] of chunk.entries()) {
      const log = logs.get(userId) ?? EMPTY_TOUCH_LOG;
      const what = differenceOf(userId, {
        truth: log,
        online: prunedLog(online[i] ?? EMPTY_TOUCH_LOG, pruneBeforeMs),
      });
      if (what !== undefined) differences.push({ userId, what });
    }
  }
  return differences;
}

function differenceOf(
  ownerId: string,
  { truth, online }: { truth: UserTouchLog; online: UserTouchLog },
): string | undefined {
  const [homeId, homeOnline] = [truth, online].map((log) => homeIn({ ownerId, log }, ownerId));
  if (homeId !== homeOnline) return `they are kept under ${homeOnline} online, not under ${homeId}`;
  // Nothing in a log that has moved counts.
  if (homeId !== ownerId) return undefined;
  const [sent, sentOnline] = [sentTouches(truth), sentTouches(online)];
  const missing = countMissing(sent, sentOnline);
  if (missing > 0) return `${missing} sent touches are missing online`;
  const unknown = countMissing(sentOnline, sent);
  if (unknown > 0) return `${unknown} sent touches are unknown to the ledger`;
  const open = truth.records.filter(({ state }) => state.status === 'reserved');
  const known = new Set(online.records.map(({ permitId }) => permitId));
  const lost = open.filter(({ permitId }) => !known.has(permitId)).length;
  if (lost > 0) return `${lost} permits are missing online`;
  if (marksOf(truth) !== marksOf(online)) return 'the words about being left alone differ';
  return undefined;
}

/** What counts of each touch that was sent; ids are forgotten after a while. */
function sentTouches({ records }: UserTouchLog): string[] {
  return records.flatMap(({ content, state, failed = '' }) =>
    state.status === 'committed'
      ? [[content.channel, content.campaignType, content.shopId ?? '', state.sentAtMs, failed].join('|')]
      : [],
  );
}

/** How many of `some` have no partner of their own in `others`. */
function countMissing(some: readonly string[], others: readonly string[]): number {
  const left = new Map<string, number>();
  for (const touch of others) left.set(touch, (left.get(touch) ?? 0) + 1);
  let missing = 0;
  for (const touch of some) {
    const count = left.get(touch) ?? 0;
    if (count === 0) missing += 1;
    else left.set(touch, count - 1);
  }
  return missing;
}

function marksOf({ marks }: UserTouchLog): string {
  return marks
    .map(({ channel = '', outcome, atMs }) => `${channel}|${outcome}|${atMs}`)
    .sort()
    .join(';');
}
