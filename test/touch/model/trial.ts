import type { ReserveTouchOutput } from '../../../src/touch/reserveTouch.js';
import { MINUTE } from '../builders.js';
import { Callers, type Done, timedQuestionOf } from './callers.js';
import { type Counts, countsOf, decisionIn, NOTHING, sumOf } from './counts.js';
import { type Call, type History, IDS, type Step, type Trouble } from './histories.js';
import { expectNoOvershoot } from './overshoot.js';
import { agree, Disagreement } from './plainDecision.js';
import type { Came } from './plainRoom.js';
import { PlainRooms } from './plainRooms.js';
import type { OpenStores, TouchBackEnd } from './touchBackEnds.js';
import { TouchServers } from './touchServers.js';

/** Clocks of servers may be set back by so much; what is that old is remembered (`touchRetentionMs`). */
const FURTHEST_BACK_MS = 24 * 60 * MINUTE;

let trials = 0;

/** Lives through a history on a back end, and holds every answer against those of the plain room. */
export class Trial {
  counts: Counts = { ...NOTHING, histories: 1 };
  /** What was answered, and is kept in the end, without the ids that differ from back end to back end. */
  readonly answers: unknown[] = [];
  readonly #history: History;
  readonly #servers: TouchServers;
  readonly #prefix: string;
  readonly #stores: OpenStores;
  readonly #rooms: PlainRooms;
  readonly #callers: Callers;
  #latestMs: number;
  #opensMs: number | undefined;
  #hasOnePolicy = true;

  constructor(history: History, backEnd: TouchBackEnd) {
    trials += 1;
    this.#history = history;
    this.#prefix = `trial-${trials}-`;
    this.#stores = backEnd.open(IDS.map((id) => this.#prefix + id));
    this.#servers = new TouchServers(history, this.#stores);
    this.#callers = new Callers(history, { servers: this.#servers, prefix: this.#prefix });
    this.#rooms = new PlainRooms(history.timezone);
    this.#latestMs = history.startMs;
  }

  async live(): Promise<void> {
    for (const [i, step] of this.#history.steps.entries()) {
      try {
        this.#rooms.tellAll((room) => room.clockIs(this.#nowMs));
        await this.#take(step);
      } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        const now = new Date(this.#nowMs).toISOString();
        throw new Disagreement(`step ${i} (${step.do}) at ${now}: ${error.message}`);
      }
    }
    this.answers.push(...(await this.#logs()));
    if (this.#hasOnePolicy && !this.#rooms.any.hasLinks) {
      const [policy] = this.#history.policies;
      expectNoOvershoot(this.#rooms.any.permits, { policy, timezone: this.#history.timezone });
    }
  }

  get #nowMs(): number {
    return this.#servers.clock.nowMs();
  }

  #spares(trouble: Trouble): boolean {
    return this.#history.spared.includes(trouble);
  }

  async #take(step: Step): Promise<void> {
    this.#count({ commands: 1 });
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
    this.#rooms.tellAll((room) => room.ledgerWasRead());
  }

  #wait(ms: number): void {
    if (ms < 0 && this.#spares('back')) return;
    const toMs = Math.max(this.#nowMs + ms, this.#latestMs - FURTHEST_BACK_MS);
    this.#servers.clock.setMs(toMs);
    this.#latestMs = Math.max(this.#latestMs, toMs);
  }

  async #alone(call: Call, { drops }: { drops: boolean }): Promise<void> {
    const work = this.#callers.begin(call, { room: this.#rooms.any, drops });
    if (work === undefined) return;
    const [done] = await Promise.all([work(), ...(drops ? [this.#stores.drop()] : [])]);
    this.#note(done);
    const mayBreakOff = drops || this.#callers.faultOf(call) !== undefined;
    agree(
      done.came.how !== 'broken off' || mayBreakOff,
      () => `${call.do} broke off though nothing was wrong`,
    );
    this.#rooms.agreeOnSomeOrder([done]);
    await this.#probe(call, done.came);
  }

  async #atOnce({ calls, turns }: { calls: readonly Call[]; turns: readonly number[] }): Promise<void> {
    const chosen = calls.filter((call, i) => !isOrdered(call, calls.slice(0, i)));
    const works = chosen.flatMap((call) => this.#callers.begin(call, { room: this.#rooms.any }) ?? []);
    this.#servers.turns = [...turns];
    const all = await Promise.all(works.map((work) => work()));
    this.#servers.turns = [];
    for (const done of all) this.#note(done);
    const mayBreakOff = chosen.some(
      (call) => this.#callers.faultOf(call) !== undefined || call.do === 'link' || call.do === 'unlink',
    );
    agree(
      mayBreakOff || all.every(({ came }) => came.how !== 'broken off'),
      () => 'one of several calls broke off though nothing was wrong',
    );
    this.#count({ atOnce: all.length });
    this.#rooms.agreeOnSomeOrder(all);
  }

  async #batch({ server, calls }: { server: number; calls: readonly Call[] }): Promise<void> {
    const reservations = calls.flatMap((call) =>
      call.do === 'reserve' ? [this.#callers.reservationOf(call)] : [],
    );
    const came = await this.#servers.call({ server }, (useCases) =>
      useCases.reserveTouchBatch(reservations.map(({ input }) => input)),
    );
    if (came.how !== 'answered') return agree(false, () => `a batch was ${came.how}`);
    const all = reservations.map(({ asked }, i): Done & { userId: string } => {
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
    this.#rooms.agreeOnSomeOrder(all, (order) =>
      order.every((done, i) => {
        const later = order.slice(i + 1);
        return later.every((other) => other.userId !== done.userId || all.indexOf(other) > all.indexOf(done));
      }),
    );
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
        ...this.#callers.askOf({ ...call, deadlineIn: undefined }),
        policy: this.#servers.policyOf(call.server),
      };
      const probed = await this.#servers.call({ server: call.server }, (useCases) =>
        useCases.canTouch(timedQuestionOf(ask)),
      );
      const told = () => `${JSON.stringify(probed)} at ${atMs} where not_before was ${notBeforeMs}`;
      if (probed.how !== 'answered') throw new Disagreement(told());
      const given = probed.answer;
      if (atMs === notBeforeMs) agree(given.kind === 'allow', told);
      else agree(given.kind === 'delay' && given.notBeforeMs === notBeforeMs, told);
    }
    this.#servers.clock.setMs(nowMs);
    this.#count({ notBefores: 1 });
  }

  #isKnown(call: Extract<Call, { do: 'reserve' }>): boolean {
    const { requestId } = this.#callers.reservationOf(call).asked;
    return this.#rooms.any.isRequested(requestId);
  }

  #note({ came }: Done): void {
    this.#count(countsOf(came));
    this.answers.push(this.#anonymous(came));
  }

  #count(more: Partial<Counts>): void {
    this.counts = sumOf(this.counts, { ...NOTHING, ...more });
  }

  /** What is kept in the end. */
  async #logs(): Promise<unknown[]> {
    const logs = await Promise.all(IDS.map((id) => this.#stores.storeOf(0).read(this.#callers.idOf(id))));
    return logs.map((log) => this.#anonymous(log));
  }

  #anonymous(facts: unknown): unknown {
    const permits = /"(permitId|takenBy)":"[^"]+"/g;
    return JSON.parse(JSON.stringify(facts).replace(permits, '"$1":"one"').replaceAll(this.#prefix, ''));
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
