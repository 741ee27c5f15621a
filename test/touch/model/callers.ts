import type { ReserveTouchInput } from '../../../src/touch/reserveTouch.js';
import type { Call, History, Message, Trouble } from './histories.js';
import { agree } from './plainDecision.js';
import type { Came, PlainAsk, PlainReservation, PlainRoom } from './plainRoom.js';
import type { Tell } from './plainRooms.js';
import type { TouchServers } from './touchServers.js';

/** A call that came to an end, and what the plain room is to be told of it. */
export interface Done {
  readonly came: Came<unknown>;
  readonly tell: Tell;
}

export interface AskedReservation {
  readonly asked: Omit<PlainReservation, 'policy'>;
  readonly input: ReserveTouchInput;
}

/** Turns the calls of a history into those of a server, under ids that nobody else uses. */
export class Callers {
  readonly #history: History;
  readonly #servers: TouchServers;
  readonly #prefix: string;

  constructor(history: History, { servers, prefix }: { servers: TouchServers; prefix: string }) {
    this.#history = history;
    this.#servers = servers;
    this.#prefix = prefix;
  }

  /** Where it goes wrong, if it does. */
  faultOf({ fault }: Call): Call['fault'] {
    return this.#spares('fault') ? undefined : fault;
  }

  /** Undefined where there is nothing to do: no such permit yet, or the history is spared it. */
  begin(
    call: Call,
    { room, drops = false }: { room: PlainRoom; drops?: boolean },
  ): (() => Promise<Done>) | undefined {
    const on = { server: call.server, fault: this.faultOf(call) };
    const policy = this.#servers.policyOf(call.server);
    const nowMs = this.#servers.clock.nowMs();
    switch (call.do) {
      case 'ask': {
        const ask = this.askOf(call);
        return async () => {
          const came = await this.#servers.call(on, (useCases) => useCases.canTouch(timedQuestionOf(ask)));
          return { came, tell: (room) => room.asked({ ...ask, policy }, came) };
        };
      }
      case 'reserve':
        return this.#reserving(this.reservationOf(call), on);
      case 'repeat': {
        const permits = room.permits;
        const permit = permits[call.of % permits.length];
        if (permit === undefined) return undefined;
        const { userId, requestId, reservedAtMs, expiresAtMs } = permit;
        const content = call.anotherMessage ? { ...permit.content, campaignId: 'another' } : permit.content;
        const ttlMs = expiresAtMs - reservedAtMs;
        const asked = { userId, content, requestId, ttlMs, nowMs };
        return this.#reserving({ asked, input: { requestId, ttlMs, question: questionOf(asked) } }, on);
      }
      case 'commit': {
        const permits = room.permits.filter((one) => one.end !== 'released' && !one.isPerhapsReleased);
        const permitId = permits.at(-1 - (call.of % Math.max(1, permits.length)))?.permitId;
        if (permitId === undefined) return undefined;
        return async () => {
          const asked = { permitId, onlyIfHeld: call.onlyIfHeld };
          const came = await this.#servers.call(on, (useCases) => useCases.commitTouch(asked));
          return this.#onceOrTwice(came, {
            drops,
            tell: (one) => (known) => known.committed(asked, nowMs, one),
          });
        };
      }
      case 'release': {
        const permits = room.permits.filter((one) => one.doubtfulCommitsMs.length === 0);
        const permitId = permits.at(-1 - (call.of % Math.max(1, permits.length)))?.permitId;
        if (permitId === undefined) return undefined;
        return async () => {
          const came = await this.#servers.call(on, (useCases) => useCases.releaseTouch({ permitId }));
          return this.#onceOrTwice(came, {
            drops,
            tell: (one) => (known) => known.released(permitId, nowMs, one),
          });
        };
      }
      case 'report': {
        const permit = room.permits.at(-1 - (call.of % Math.max(1, room.permits.length)));
        if (permit === undefined) return undefined;
        const { permitId, userId } = permit;
        const { failure, twice } = call;
        return this.#untilDone(on, {
          work: async (useCases) => {
            for (let left = twice ? 2 : 1; left > 0; left -= 1) {
              await useCases.recordOutcome({ userId, permitId, outcome: failure });
            }
          },
          tell: (room) => room.reported({ permitId, failure }, nowMs),
          answer: { reported: true },
        });
      }
      case 'word': {
        const { channel, leaveAlone, agoMs } = call;
        const userId = this.idOf(call.id);
        const atMs = agoMs === undefined ? undefined : nowMs - agoMs;
        const outcome = leaveAlone ? 'unsubscribed' : 'resubscribed';
        return this.#untilDone(on, {
          work: (useCases) => useCases.recordOutcome({ userId, outcome, channel, atMs }),
          tell: (room) => room.said(userId, { channel, leaveAlone, atMs, nowMs }),
        });
      }
      case 'link': {
        const [userId, value] = [this.idOf(call.id), this.idOf(call.other)];
        if (this.#spares('link') || userId === value) return undefined;
        return this.#untilDone(on, {
          work: (useCases) => useCases.link({ userId, identity: { value } }),
          tell: (room) => room.linked(userId, value),
        });
      }
      case 'unlink': {
        const userId = this.idOf(call.id);
        if (this.#spares('unlink')) return undefined;
        return this.#untilDone(on, {
          work: (useCases) => useCases.unlink(userId),
          tell: (room) => room.unlinked(userId),
        });
      }
    }
  }

  /** Where a connection dropped the server may have asked once before, and come upon its own work. */
  #onceOrTwice<Answer>(
    came: Came<Answer>,
    { drops, tell }: { drops: boolean; tell: (came: Came<Answer>) => Tell },
  ): Done {
    if (!drops) return { came, tell: tell(came) };
    const isTold = (room: PlainRoom) => {
      tell({ how: 'broken off' })(room);
      tell(came)(room);
    };
    return { came, tell: isTold };
  }

  #reserving(
    { asked, input }: AskedReservation,
    on: { server: number; fault: Call['fault'] },
  ): () => Promise<Done> {
    const policy = this.#servers.policyOf(on.server);
    return async () => {
      const came = await this.#servers.call(on, (useCases) => useCases.reserveTouch(input));
      return { came, tell: (room) => room.reserved({ ...asked, policy }, came) };
    };
  }

  /** Whoever is told that it may not be done repeats it until it is. */
  #untilDone(
    on: { server: number; fault: Call['fault'] },
    { work, tell, answer }: { work: Parameters<TouchServers['call']>[1]; tell: Tell; answer?: unknown },
  ): () => Promise<Done> {
    return async () => {
      let came = await this.#servers.call(on, work);
      for (let again = 0; came.how === 'broken off' && again < 20; again += 1) {
        came = await this.#servers.call({ server: on.server + 1 + again }, work);
      }
      agree(came.how === 'answered', () => `${JSON.stringify(came)} of what must be done in the end`);
      return { came: { how: 'answered', answer }, tell };
    };
  }

  /** The same message by the same number is the same request. */
  reservationOf(call: Extract<Call, { do: 'reserve' }>): AskedReservation {
    const { request, ttlMs } = call;
    const asked = this.askOf(call);
    const { channel, campaignType, shopId = '', priority = 0 } = call.message;
    const requestId = `r-${request}-${channel}-${campaignType}-${shopId}-${priority}`;
    const input = { requestId, ttlMs, question: questionOf(asked) };
    return { asked: { ...asked, requestId, ttlMs }, input };
  }

  askOf({
    id,
    message,
    deadlineIn,
    ttlMs,
  }: {
    id: string;
    message: Message;
    deadlineIn?: number | undefined;
    ttlMs?: number | undefined;
  }): Omit<PlainAsk, 'policy'> {
    const { channel, campaignType, shopId, priority } = message;
    const nowMs = this.#servers.clock.nowMs();
    return {
      userId: this.idOf(id),
      content: {
        channel,
        campaignType,
        ...(shopId !== undefined && { shopId }),
        ...(priority !== undefined && { priority }),
      },
      nowMs,
      ...(deadlineIn !== undefined && { deadlineMs: nowMs + deadlineIn }),
      ...(ttlMs !== undefined && { ttlMs }),
    };
  }

  idOf(id: string): string {
    return this.#prefix + id;
  }

  #spares(trouble: Trouble): boolean {
    return this.#history.spared.includes(trouble);
  }
}

export function timedQuestionOf(ask: Omit<PlainAsk, 'policy'>) {
  return { ...questionOf(ask), ...(ask.ttlMs !== undefined && { ttlMs: ask.ttlMs }) };
}

export function questionOf({ userId, content, deadlineMs }: Omit<PlainAsk, 'policy'>) {
  return { userId, ...content, ...(deadlineMs !== undefined && { deadlineMs }) };
}
