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
  const counts = { allowed: 0, delayedOrDenied: 0 };
  let next = 0;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const stream = open();
      const answers = (stream as AsyncIterable<Response>)[Symbol.asyncIterator]();
      while (next < users) {
        const from = next;
        next = Math.min(users, from + MESSAGE_SIZE);
        const sentMs = performance.now();
        stream.write(message(Array.from({ length: next - from }, (_, i) => userOf(from + i))));
        const { value, done } = await answers.next();
        if (done === true) throw new Error('the stream ended before its answer');
        latencies.push(performance.now() - sentMs);
        count(value, counts);
      }
      stream.end();
      await answers.next();
    }),
  );
  const decisions = counts.allowed + counts.delayedOrDenied;
  if (decisions !== users) throw new Error(`${users - decisions} questions have no decision`);
  return {
    decisions,
    decisionsASecond: (decisions * 1_000) / (performance.now() - startMs),
    messageLatency: latencyOf(latencies),
    ...counts,
  };
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
