import type { TouchDecision } from '../../../src/touch/decideTouch.js';
import type { ReserveTouchInput, ReserveTouchOutput } from '../../../src/touch/reserveTouch.js';
import { MINUTE } from '../builders.js';
import { type Call, type History, IDS, type Message, type Step, type Trouble } from './histories.js';
import { expectNoOvershoot } from './overshoot.js';
import { agree, Disagreement } from './plainDecision.js';
import { type Came, type PlainAsk, type PlainReservation, PlainRoom } from './plainRoom.js';
import type { OpenStores, TouchBackEnd } from './touchBackEnds.js';
import { TouchServers } from './touchServers.js';

/** How much was looked at. */
export type Counts = Record<
  | 'histories'
  | 'commands'
  | 'decisions'
  | 'refusals'
  | 'notBefores'
  | 'permits'
  | 'commits'
  | 'lateCommits'
  | 'taken'
  | 'brokenOff'
  | 'atOnce',
  number
>;

export const NOTHING: Counts = {
  histories: 0,
  commands: 0,
  decisions: 0,
  refusals: 0,
  notBefores: 0,
  permits: 0,
  commits: 0,
  lateCommits: 0,
  taken: 0,
  brokenOff: 0,
  atOnce: 0,
};

export function sumOf(a: Counts, b: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Counts;
}

/** Clocks of servers may be set back by so much; what is that old is remembered (`touchRetentionMs`). */
const FURTHEST_BACK_MS = 24 * 60 * MINUTE;

/** A call that came to an end, and what the plain room is to be told of it. */
interface Done {
  readonly came: Came<unknown>;
  readonly tell: (room: PlainRoom) => void;
  /** Whether its answer rests on an order that the caller gave: after the others of the same list. */
  readonly userId?: string;
}

interface AskedReservation {
  readonly asked: Omit<PlainReservation, 'policy'>;
  readonly input: ReserveTouchInput;
}

/** Of more orders that all explain what was answered the first ones are followed. */
const MOST_ROOMS = 24;

let trials = 0;

/** Lives through a history on a back end, and holds every answer against those of the plain room. */
export class Trial {
  readonly counts: Counts = { ...NOTHING, histories: 1 };
  /** What was answered, and is kept in the end, without the ids that differ from back end to back end. */
  readonly answers: unknown[] = [];
  readonly #history: History;
  readonly #servers: TouchServers;
  readonly #prefix: string;
  readonly #stores: OpenStores;
  /** What may be known: calls in one moment happened in some order, and nobody was told in which. */
  #rooms: readonly PlainRoom[];
  #latestMs: number;
  #opensMs: number | undefined;
  #hasOnePolicy = true;
  #hasLinks = false;

  constructor(history: History, backEnd: TouchBackEnd) {
    trials += 1;
    this.#history = history;
    this.#prefix = `trial-${trials}-`;
    this.#stores = backEnd.open(IDS.map((id) => this.#prefix + id));
    this.#servers = new TouchServers(history, this.#stores);
    this.#rooms = [new PlainRoom(history.timezone)];
    this.#latestMs = history.startMs;
  }

  async live(): Promise<void> {
    for (const [i, step] of this.#history.steps.entries()) {
      try {
        for (const room of this.#rooms) room.clockIs(this.#nowMs);
        await this.#take(step);
      } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        const now = new Date(this.#nowMs).toISOString();
        throw new Disagreement(`step ${i} (${step.do}) at ${now}: ${error.message}`);
      }
    }
    this.answers.push(...(await this.#logs()));
    if (this.#hasOnePolicy && !this.#hasLinks) {
      const [policy] = this.#history.policies;
      expectNoOvershoot(this.#room.permits, { policy, timezone: this.#history.timezone });
    }
  }

  get #nowMs(): number {
    return this.#servers.clock.nowMs();
  }

  #spares(trouble: Trouble): boolean {
    return this.#history.spared.includes(trouble);
  }

  async #take(step: Step): Promise<void> {
    this.counts.commands += 1;
    switch (step.do) {
      case 'wait':
        return this.#wait(step.ms);
      case 'waitUntilOpen':
        if (this.#opensMs !== undefined) this.#wait(this.#opensMs - step.beforeMs - this.#nowMs);
        return;
      case 'policy':
        if (this.#spares('policy')) return;
        this.#hasOnePolicy = false;
        return this.#servers.putInForce(
          step.server,
          this.#history.policies[step.which] ?? this.#history.policies[0],
        );
      case 'loseStore':
        await this.#servers.loseStore();
        return this.#ledgerWasRead();
      case 'readLedger':
        await this.#servers.readLedger();
        return this.#ledgerWasRead();
      case 'atOnce':
        return this.#spares('atOnce') ? undefined : this.#atOnce(step);
      case 'batch':
        return this.#batch(step);
      case 'drop':
        return this.#spares('drop') ? undefined : this.#alone(step.call, { drops: true });
      default:
        return this.#alone(step, { drops: false });
    }
  }

  #ledgerWasRead(): void {
    for (const room of this.#rooms) room.ledgerWasRead();
  }

  #wait(ms: number): void {
    if (ms < 0 && this.#spares('back')) return;
    const toMs = Math.max(this.#nowMs + ms, this.#latestMs - FURTHEST_BACK_MS);
    this.#servers.clock.setMs(toMs);
    this.#latestMs = Math.max(this.#latestMs, toMs);
  }

  async #alone(call: Call, { drops }: { drops: boolean }): Promise<void> {
    const work = this.#begin(call);
    if (work === undefined) return;
    const [done] = await Promise.all([work(), ...(drops ? [this.#stores.drop()] : [])]);
    this.#note(done);
    const mayBreakOff = drops || this.#faultOf(call) !== undefined;
    agree(
      done.came.how !== 'broken off' || mayBreakOff,
      () => `${call.do} broke off though nothing was wrong`,
    );
    this.#agreeOnSomeOrder([done], () => true);
    await this.#probe(call, done.came);
  }

  async #atOnce({ calls, turns }: { calls: readonly Call[]; turns: readonly number[] }): Promise<void> {
    const chosen = calls.filter((call, i) => !isOrdered(call, calls.slice(0, i)));
    const works = chosen.flatMap((call) => this.#begin(call) ?? []);
    this.#servers.turns = [...turns];
    const all = await Promise.all(works.map((work) => work()));
    this.#servers.turns = [];
    for (const done of all) this.#note(done);
    const mayBreakOff = chosen.some(
      (call) => this.#faultOf(call) !== undefined || call.do === 'link' || call.do === 'unlink',
    );
    agree(
      mayBreakOff || all.every(({ came }) => came.how !== 'broken off'),
      () => 'one of several calls broke off though nothing was wrong',
    );
    this.counts.atOnce += all.length;
    this.#agreeOnSomeOrder(all, () => true);
  }

  async #batch({ server, calls }: { server: number; calls: readonly Call[] }): Promise<void> {
    const reservations = calls.flatMap((call) => (call.do === 'reserve' ? [this.#reservationOf(call)] : []));
    const came = await this.#servers.call({ server }, (useCases) =>
      useCases.reserveTouchBatch(reservations.map(({ input }) => input)),
    );
    if (came.how !== 'answered') return agree(false, () => `a batch was ${came.how}`);
    const all = reservations.map(({ asked }, i): Done => {
      const answer = came.answer[i];
      const one: Came<ReserveTouchOutput> =
        answer === undefined || answer instanceof Error
          ? { how: 'refused', error: 'FailedPreconditionError' }
          : { how: 'answered', answer };
      if (answer instanceof Error && answer.name !== 'FailedPreconditionError') throw answer;
      const policy = this.#servers.policyOf(server);
      return { came: one, userId: asked.userId, tell: (room) => room.reserved({ ...asked, policy }, one) };
    });
    for (const done of all) this.#note(done);
    this.#agreeOnSomeOrder(all, (order) =>
      order.every((done, i) => {
        const later = order.slice(i + 1);
        return later.every((other) => other.userId !== done.userId || all.indexOf(other) > all.indexOf(done));
      }),
    );
  }

  /** Calls in one moment have some order in which each answer is right. */
  #agreeOnSomeOrder(all: readonly Done[], isPossible: (order: readonly Done[]) => boolean): void {
    const complaints: string[] = [];
    const rooms = new Map<string, PlainRoom>();
    for (const order of ordersOf(all)) {
      if (!isPossible(order)) continue;
      for (const before of this.#rooms) {
        const room = before.copy();
        try {
          for (const { tell } of order) tell(room);
          if (rooms.size < MOST_ROOMS) rooms.set(room.toString(), room);
        } catch (error) {
          if (!(error instanceof Disagreement)) throw error;
          complaints.push(error.message);
        }
      }
    }
    agree(rooms.size > 0, () => `in no order of the calls are their answers right: ${complaints[0]}`);
    this.#rooms = [...rooms.values()];
  }

  get #room(): PlainRoom {
    const [first] = this.#rooms;
    if (first === undefined) throw new Error('there is no room left');
    return first;
  }

  #faultOf({ fault }: Call) {
    return this.#spares('fault') ? undefined : fault;
  }

  /** Undefined where there is nothing to do: no such permit yet, or the history is spared it. */
  #begin(call: Call): (() => Promise<Done>) | undefined {
    const on = { server: call.server, fault: this.#faultOf(call) };
    const policy = this.#servers.policyOf(call.server);
    const nowMs = this.#nowMs;
    switch (call.do) {
      case 'ask': {
        const ask = this.#askOf(call);
        return async () => {
          const came = await this.#servers.call(on, (useCases) => useCases.canTouch(questionOf(ask)));
          return { came, tell: (room) => room.asked({ ...ask, policy }, came) };
        };
      }
      case 'reserve':
        return this.#reserving(this.#reservationOf(call), on);
      case 'repeat': {
        const permits = this.#room.permits;
        const permit = permits[call.of % permits.length];
        if (permit === undefined) return undefined;
        const { userId, requestId, reservedAtMs, expiresAtMs } = permit;
        const content = call.anotherMessage ? { ...permit.content, campaignId: 'another' } : permit.content;
        const ttlMs = expiresAtMs - reservedAtMs;
        const asked = { userId, content, requestId, ttlMs, nowMs };
        return this.#reserving({ asked, input: { requestId, ttlMs, question: questionOf(asked) } }, on);
      }
      case 'commit': {
        const permits = this.#room.permits.filter((one) => one.end !== 'released' && !one.isPerhapsReleased);
        const permitId = permits.at(-1 - (call.of % Math.max(1, permits.length)))?.permitId;
        if (permitId === undefined) return undefined;
        return async () => {
          const came = await this.#servers.call(on, (useCases) => useCases.commitTouch({ permitId }));
          return { came, tell: (room) => room.committed(permitId, nowMs, came) };
        };
      }
      case 'release': {
        const permits = this.#room.permits.filter((one) => one.doubtfulCommitsMs.length === 0);
        const permitId = permits.at(-1 - (call.of % Math.max(1, permits.length)))?.permitId;
        if (permitId === undefined) return undefined;
        return async () => {
          const came = await this.#servers.call(on, (useCases) => useCases.releaseTouch({ permitId }));
          return { came, tell: (room) => room.released(permitId, nowMs, came) };
        };
      }
      case 'word': {
        const { channel, leaveAlone, agoMs } = call;
        const userId = this.#idOf(call.id);
        const atMs = agoMs === undefined ? undefined : nowMs - agoMs;
        const outcome = leaveAlone ? 'unsubscribed' : 'resubscribed';
        return this.#untilDone(on, {
          work: (useCases) => useCases.recordOutcome({ userId, outcome, channel, atMs }),
          tell: (room) => room.said(userId, { channel, leaveAlone, atMs, nowMs }),
        });
      }
      case 'link': {
        const [userId, value] = [this.#idOf(call.id), this.#idOf(call.other)];
        if (this.#spares('link') || userId === value) return undefined;
        this.#hasLinks = true;
        return this.#untilDone(on, {
          work: (useCases) => useCases.link({ userId, identity: { value } }),
          tell: (room) => room.linked(userId, value),
        });
      }
      case 'unlink': {
        const userId = this.#idOf(call.id);
        if (this.#spares('unlink')) return undefined;
        return this.#untilDone(on, {
          work: (useCases) => useCases.unlink(userId),
          tell: (room) => room.unlinked(userId),
        });
      }
    }
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
    { work, tell }: { work: Parameters<TouchServers['call']>[1]; tell: (room: PlainRoom) => void },
  ): () => Promise<Done> {
    return async () => {
      let came = await this.#servers.call(on, work);
      for (let again = 0; came.how === 'broken off' && again < 20; again += 1) {
        came = await this.#servers.call({ server: on.server + 1 + again }, work);
      }
      agree(came.how === 'answered', () => `${JSON.stringify(came)} of what must be done in the end`);
      return { came: { how: 'answered', answer: undefined }, tell };
    };
  }

  /** One millisecond before `not_before` the same is refused, at it it is allowed, as nothing else happens. */
  async #probe(call: Call, came: Came<unknown>): Promise<void> {
    if ((call.do !== 'ask' && call.do !== 'reserve') || came.how !== 'answered') return;
    const decision = decisionIn(came.answer);
    if (decision === undefined || decision.kind === 'allow' || decision.notBeforeMs === undefined) return;
    const { notBeforeMs } = decision;
    this.#opensMs = notBeforeMs;
    // A request that has a permit is told when it gets that again, which a question does not ask.
    if (call.do === 'reserve' && this.#isKnown(call)) return;
    const nowMs = this.#nowMs;
    if (notBeforeMs <= nowMs) return;
    for (const atMs of [notBeforeMs - 1, notBeforeMs]) {
      this.#servers.clock.setMs(atMs);
      const ask = {
        ...this.#askOf({ ...call, deadlineIn: undefined }),
        policy: this.#servers.policyOf(call.server),
      };
      const probed = await this.#servers.call({ server: call.server }, (useCases) =>
        useCases.canTouch(questionOf(ask)),
      );
      const told = () => `${JSON.stringify(probed)} at ${atMs} where not_before was ${notBeforeMs}`;
      if (probed.how !== 'answered') throw new Disagreement(told());
      const given = probed.answer;
      if (atMs === notBeforeMs) agree(given.kind === 'allow', told);
      else agree(given.kind === 'delay' && given.notBeforeMs === notBeforeMs, told);
    }
    this.#servers.clock.setMs(nowMs);
    this.counts.notBefores += 1;
  }

  #isKnown(call: Extract<Call, { do: 'reserve' }>): boolean {
    const { requestId } = this.#reservationOf(call).asked;
    return this.#room.isRequested(requestId);
  }

  #note({ came }: Done): void {
    const { counts } = this;
    if (came.how === 'broken off') counts.brokenOff += 1;
    if (came.how === 'answered') {
      const decision = decisionIn(came.answer);
      if (decision !== undefined) counts.decisions += 1;
      if (decision !== undefined && decision.kind !== 'allow') counts.refusals += 1;
      const answer = came.answer as { permit?: unknown; repeated?: boolean; late?: boolean } | undefined;
      if (answer?.permit !== undefined && answer.repeated === false) {
        counts.permits += 1;
        counts.taken += decision?.takes.length ?? 0;
      }
      if (answer?.late !== undefined && answer.repeated === false) counts.commits += 1;
      if (answer?.late === true && answer.repeated === false) counts.lateCommits += 1;
    }
    this.answers.push(this.#anonymous(came));
  }

  /** What is kept in the end. */
  async #logs(): Promise<unknown[]> {
    const logs = await Promise.all(IDS.map((id) => this.#stores.storeOf(0).read(this.#idOf(id))));
    return logs.map((log) => this.#anonymous(log));
  }

  #anonymous(facts: unknown): unknown {
    const permits = /"(permitId|takenBy)":"[^"]+"/g;
    return JSON.parse(JSON.stringify(facts).replace(permits, '"$1":"one"').replaceAll(this.#prefix, ''));
  }

  #reservationOf(call: Extract<Call, { do: 'reserve' }>): AskedReservation {
    const { request, ttlMs } = call;
    const asked = this.#askOf(call);
    const { channel, campaignType, shopId = '', priority = 0 } = call.message;
    const requestId = `r-${request}-${channel}-${campaignType}-${shopId}-${priority}`;
    const input = { requestId, ttlMs, question: questionOf(asked) };
    return { asked: { ...asked, requestId, ttlMs }, input };
  }

  #askOf({
    id,
    message,
    deadlineIn,
  }: {
    id: string;
    message: Message;
    deadlineIn?: number | undefined;
  }): Omit<PlainAsk, 'policy'> {
    const { channel, campaignType, shopId, priority } = message;
    const nowMs = this.#nowMs;
    return {
      userId: this.#idOf(id),
      content: {
        channel,
        campaignType,
        ...(shopId !== undefined && { shopId }),
        ...(priority !== undefined && { priority }),
      },
      nowMs,
      ...(deadlineIn !== undefined && { deadlineMs: nowMs + deadlineIn }),
    };
  }

  #idOf(id: string): string {
    return this.#prefix + id;
  }
}

/**
 * Whether what comes of a call and those before is only known if one is done before the other: of two words the
 * later holds, and ids that are linked and parted in one moment may never have heard of each other.
 */
function isOrdered({ do: what }: Call, before: readonly Call[]): boolean {
  const others = before.map((call) => call.do);
  if (what === 'word') return others.includes('word');
  if (what === 'link') return others.includes('unlink');
  return what === 'unlink' && (others.includes('link') || others.includes('unlink'));
}

function questionOf({ userId, content, deadlineMs }: Omit<PlainAsk, 'policy'>) {
  return { userId, ...content, ...(deadlineMs !== undefined && { deadlineMs }) };
}

function decisionIn(answer: unknown): TouchDecision | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('decision' in answer) return answer.decision as TouchDecision;
  return 'decidedAtMs' in answer ? (answer as TouchDecision) : undefined;
}

function ordersOf<One>(all: readonly One[]): readonly (readonly One[])[] {
  if (all.length <= 1) return [all];
  return all.flatMap((first, i) => ordersOf(all.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}
