import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import {
  type Channel,
  ReserveTouchBatchRequest,
  type ReserveTouchBatchResponse,
  type TagRankClient,
} from '../../../src/server/client.js';
import { type Load, someServer, tellsNothing } from './ask.js';

/** A campaign waits so long for one message of its stream; then it takes the stream for dead. */
const ANSWER_WITHIN_MS = 60_000;

export interface AskedSlot {
  readonly requestId: string;
  readonly question: { userId: string; channel: Channel; shopId: string; campaignType: string };
  readonly ttlMs: bigint;
}

interface OpenStream {
  readonly stream: ReturnType<TagRankClient['reserveTouchBatch']>;
  readonly answers: AsyncIterator<ReserveTouchBatchResponse>;
}

/** A campaign's `ReserveTouchBatch`: one stream after the other, each to a server that listens. */
export class ReservationStream {
  readonly #load: Load;
  readonly #random: () => number;
  #open: OpenStream | undefined;

  constructor(load: Load, random: () => number) {
    this.#load = load;
    this.#random = random;
  }

  /** The answer to one message; undefined when none came, and then nobody knows what was done. */
  async ask(reservations: readonly AskedSlot[]): Promise<ReserveTouchBatchResponse | undefined> {
    const { stream, answers } = await this.#opened();
    const guard = setTimeout(() => stream.cancel(), ANSWER_WITHIN_MS);
    try {
      stream.write(ReserveTouchBatchRequest.fromPartial({ reservations: [...reservations] }));
      const { value, done } = await answers.next();
      if (done !== true) return value;
      this.#forget('ended');
    } catch (error) {
      const { code, details } = error as ServiceError;
      this.#forget(status[code] ?? 'no status');
      if (!tellsNothing(error as ServiceError)) {
        this.#load.book.violate(`ReserveTouchBatch was answered ${status[code]}: ${details}`);
      }
    } finally {
      clearTimeout(guard);
    }
    return undefined;
  }

  /** Sends a message and is gone before its answer: what was decided, nobody hears. */
  async askAndHangUp(reservations: readonly AskedSlot[]): Promise<void> {
    const { stream } = await this.#opened();
    stream.write(ReserveTouchBatchRequest.fromPartial({ reservations: [...reservations] }));
    await sleep(300 * this.#random());
    stream.cancel();
    this.#forget('hung up');
  }

  close(): void {
    this.#open?.stream.end();
    this.#open = undefined;
  }

  async #opened(): Promise<OpenStream> {
    if (this.#open === undefined) {
      const { patient } = await someServer(this.#load, this.#random);
      const stream = patient.reserveTouchBatch();
      // Whoever waits for an answer is told by the iterator.
      stream.on('error', () => {});
      const answers = (stream as AsyncIterable<ReserveTouchBatchResponse>)[Symbol.asyncIterator]();
      this.#open = { stream, answers };
    }
    return this.#open;
  }

  #forget(why: string): void {
    this.#load.book.tally.add('streams of ReserveTouchBatch', why);
    this.#open = undefined;
  }
}
