import { setImmediate as nextTurn } from 'node:timers/promises';
import { FailedPreconditionError, NotFoundError, UnavailableError } from '../../../src/core/errors.js';
import { createLinkIdentity, createUnlinkIdentity } from '../../../src/identity/linkIdentity.js';
import { createCanTouch } from '../../../src/touch/canTouch.js';
import { createCommitTouch } from '../../../src/touch/commitTouch.js';
import { createRecordOutcome } from '../../../src/touch/recordOutcome.js';
import { createReleaseTouch } from '../../../src/touch/releaseTouch.js';
import { rebuildTouchStore } from '../../../src/touch/replayTouchLedger.js';
import { createReserveTouch } from '../../../src/touch/reserveTouch.js';
import { createReserveTouchBatch } from '../../../src/touch/reserveTouchBatch.js';
import { createSettleTouches } from '../../../src/touch/settleTouches.js';
import type { TouchBatchDependencies } from '../../../src/touch/touchDependencies.js';
import { type TouchPolicy, touchRetentionMs } from '../../../src/touch/touchPolicy.js';
import { type SteppableClock, steppableClock } from '../../support/clock.js';
import { PlainIdentities } from '../../support/plainIdentities.js';
import { ScriptedLedger } from '../builders.js';
import { type Fault, type History, SERVERS } from './histories.js';
import type { Came } from './plainRoom.js';
import type { OpenStores } from './touchBackEnds.js';

/** Servers of the touch room on the same engines, each with the policy that has reached it. */
export class TouchServers {
  readonly clock: SteppableClock;
  readonly #identities = new PlainIdentities();
  readonly #ledger = new ScriptedLedger();
  readonly #policies: TouchPolicy[];
  readonly #stores: OpenStores;
  readonly #history: History;
  /** Turns of the event loop before each step of a call, in the order in which the steps come; then none. */
  turns: number[] = [];

  constructor(history: History, stores: OpenStores) {
    this.#history = history;
    this.#stores = stores;
    this.clock = steppableClock(history.startMs);
    this.#policies = Array.from({ length: SERVERS }, () => history.policies[0]);
  }

  policyOf(server: number): TouchPolicy {
    return this.#policies[server] ?? this.#history.policies[0];
  }

  putInForce(server: number, policy: TouchPolicy): void {
    this.#policies[server] = policy;
  }

  /** A call on one of the servers, and what its caller sees of it. */
  async call<Answer>(
    { server, fault }: { server: number; fault?: Fault | undefined },
    work: (useCases: ReturnType<typeof this.useCasesOf>) => Promise<Answer>,
  ): Promise<Came<Answer>> {
    let end: () => void = () => undefined;
    const ended = new Promise<Came<Answer>>((resolve) => {
      end = () => resolve({ how: 'broken off' });
    });
    const answered = work(this.useCasesOf(server, { fault, end })).then(
      (answer): Came<Answer> => ({ how: 'answered', answer }),
      (error): Came<Answer> => {
        if (error instanceof UnavailableError) return { how: 'broken off' };
        if (error instanceof NotFoundError) return { how: 'refused', error: 'NotFoundError' };
        if (error instanceof FailedPreconditionError) {
          return { how: 'refused', error: 'FailedPreconditionError' };
        }
        throw error;
      },
    );
    return Promise.race([answered, ended]);
  }

  useCasesOf(server: number, trouble: { fault: Fault | undefined; end: () => void }) {
    const { timezone, isStale } = this.#history;
    const through = this.#steps(trouble);
    const ledger = through(() => this.#ledger);
    const personOf = async (userId: string) => {
      const homeId = (await this.#identities.personOf([userId])).get(userId) ?? userId;
      return { homeId: isStale ? userId : homeId, timezone };
    };
    const dependencies: TouchBatchDependencies = {
      store: through(() => this.#stores.storeOf(server)),
      ledger,
      policy: () => this.policyOf(server),
      clock: this.clock,
      personOf,
      personsOf: (userIds) => Promise.all(userIds.map(personOf)),
      settleTouches: (...asked) => settleTouches(...asked),
    };
    const identities = this.#identities;
    const settleTouches = createSettleTouches({ ...dependencies, ledger, identities });
    const linking = { identities, onChanged: async () => {}, settleTouches, clock: this.clock };
    return {
      canTouch: createCanTouch(dependencies),
      reserveTouch: createReserveTouch(dependencies),
      reserveTouchBatch: createReserveTouchBatch(dependencies),
      commitTouch: createCommitTouch(dependencies),
      releaseTouch: createReleaseTouch(dependencies),
      recordOutcome: createRecordOutcome(dependencies),
      link: createLinkIdentity(linking),
      unlink: createUnlinkIdentity(linking),
    };
  }

  async loseStore(): Promise<void> {
    await this.#stores.lose();
    await this.readLedger();
  }

  async readLedger(): Promise<void> {
    const retentionMs = Math.max(...this.#history.policies.map(touchRetentionMs));
    await rebuildTouchStore({
      ledger: this.#ledger,
      store: this.#stores.storeOf(0),
      pruneBeforeMs: this.clock.nowMs() - retentionMs,
    });
  }

  /** Ports whose calls take their turns, and of which one goes wrong. */
  #steps({ fault, end }: { fault: Fault | undefined; end: () => void }) {
    let left = fault?.afterSteps ?? Number.POSITIVE_INFINITY;
    return <Port extends object>(port: () => Port): Port =>
      new Proxy({} as Port, {
        get: (_, name) => async (given: never, options: never) => {
          for (let turns = this.turns.shift() ?? 0; turns > 0; turns -= 1) await nextTurn();
          const goesWrong = left === 0;
          left -= 1;
          if (goesWrong && fault?.doneBefore === false) return broken(fault);
          const target = port();
          const method = Reflect.get(target, name) as (given: never, options: never) => Promise<unknown>;
          // As over a wire: nothing that came back is the very object that went in.
          const answer = cloned(await method.call(target, given, options));
          return goesWrong && fault !== undefined ? broken(fault) : answer;
        },
      });

    function broken({ ends }: Fault): Promise<never> {
      if (!ends) throw new UnavailableError('the step failed, or its answer was lost');
      end();
      return new Promise<never>(() => undefined);
    }
  }
}

/** Errors among the answers of many stay what they are. */
function cloned(answer: unknown): unknown {
  if (!Array.isArray(answer)) return structuredClone(answer);
  return answer.map((one) => (one instanceof Error ? one : structuredClone(one)));
}
