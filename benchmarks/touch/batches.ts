import type { ClientDuplexStream } from '@grpc/grpc-js';
import {
  CanTouchBatchRequest,
  type CanTouchBatchResponse,
  Channel,
  DecisionKind,
  ReserveTouchBatchRequest,
  type ReserveTouchBatchResponse,
  type TagRankClient,
} from '../../src/server/client.js';
import { type Latency, latencyOf } from './load.js';

/** Questions of one message: the most that the contract takes. */
export const MESSAGE_SIZE = 1_000;

/** What a campaign over many people was answered. */
export interface BatchRun {
  readonly decisions: number;
  readonly decisionsASecond: number;
  /** From sending a message to its answer, with one message of each stream under way. */
  readonly messageLatency: Latency;
  readonly allowed: number;
  readonly delayedOrDenied: number;
  /** Asked once more because the server had no answer in time, as a client does. */
  readonly sentAgain: number;
}

export interface BatchSettings {
  readonly client: TagRankClient;
  readonly users: number;
  readonly streams: number;
  readonly userOf: (n: number) => string;
}

/** May these people be written to? Everybody is asked for once. */
export function canTouchMany(settings: BatchSettings): Promise<BatchRun> {
  return runBatches(settings, {
    open: () => settings.client.canTouchBatch(),
    message: (userIds) =>
      CanTouchBatchRequest.fromPartial({
        questions: userIds.map((userId) => ({ userId, channel: Channel.PUSH, shopId: 'shop-1' })),
      }),
  });
}

/** A slot for each of these people. */
export function reserveMany(settings: BatchSettings, requestId: string): Promise<BatchRun> {
  return runBatches(settings, {
    open: () => settings.client.reserveTouchBatch(),
    message: (userIds) =>
      ReserveTouchBatchRequest.fromPartial({
        reservations: userIds.map((userId) => ({
          requestId,
          question: { userId, channel: Channel.PUSH, shopId: 'shop-1' },
        })),
      }),
  });
}

async function runBatches<Request, Response extends CanTouchBatchResponse | ReserveTouchBatchResponse>(
  { users, streams, userOf }: BatchSettings,
  {
    open,
    message,
  }: { open: () => ClientDuplexStream<Request, Response>; message: (userIds: string[]) => Request },
): Promise<BatchRun> {
  const latencies: number[] = [];
  const counts = { allowed: 0, delayedOrDenied: 0, sentAgain: 0 };
  let next = 0;

  async function sender(): Promise<void> {
    let { stream, answers } = opened(open);
    while (next < users) {
      const from = next;
      next = Math.min(users, from + MESSAGE_SIZE);
      let userIds = Array.from({ length: next - from }, (_, i) => userOf(from + i));
      const sentMs = performance.now();
      while (userIds.length > 0) {
        stream.write(message(userIds));
        const answer = await answers.next().catch(() => undefined);
        if (answer === undefined || answer.done === true) ({ stream, answers } = opened(open));
        else {
          count(answer.value, counts);
          userIds = userIds.filter((_, i) => answer.value.results[i]?.decision === undefined);
        }
        counts.sentAgain += userIds.length;
      }
      latencies.push(performance.now() - sentMs);
    }
    stream.end();
    await answers.next();
  }

  const startMs = performance.now();
  await Promise.all(Array.from({ length: streams }, sender));
  const decisions = counts.allowed + counts.delayedOrDenied;
  return {
    decisions,
    decisionsASecond: (decisions * 1_000) / (performance.now() - startMs),
    messageLatency: latencyOf(latencies),
    ...counts,
  };
}

function opened<Request, Response>(
  open: () => ClientDuplexStream<Request, Response>,
): { stream: ClientDuplexStream<Request, Response>; answers: AsyncIterator<Response> } {
  const stream = open();
  // Whoever waits for an answer is told by the iterator.
  stream.on('error', () => {});
  return { stream, answers: (stream as AsyncIterable<Response>)[Symbol.asyncIterator]() };
}

function count(
  { results }: CanTouchBatchResponse | ReserveTouchBatchResponse,
  counts: { allowed: number; delayedOrDenied: number },
): void {
  for (const { decision } of results) {
    if (decision === undefined) continue;
    if (decision.kind === DecisionKind.ALLOW) counts.allowed += 1;
    else counts.delayedOrDenied += 1;
  }
}
