import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnavailableError } from '../../src/core/errors.js';
import { createLinkIdentity, createUnlinkIdentity } from '../../src/identity/linkIdentity.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createCanTouch } from '../../src/touch/canTouch.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { createRecordOutcome } from '../../src/touch/recordOutcome.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { rebuildTouchStore } from '../../src/touch/replayTouchLedger.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import { createSettleTouches } from '../../src/touch/settleTouches.js';
import type { TouchDependencies } from '../../src/touch/touchDependencies.js';
import { type TouchPolicy, touchRetentionMs } from '../../src/touch/touchPolicy.js';
import type { TouchStore } from '../../src/touch/touchStore.js';
import { steppableClock } from '../support/clock.js';
import { PlainIdentities } from '../support/plainIdentities.js';
import { ScriptedLedger } from '../touch/builders.js';

/** What may go wrong, or take its time, at each call of a store. */
export interface Weather {
  /** Calls until one fails, after it was done or before; never when absent. */
  failAfter?: number | undefined;
  doneBeforeFailing: boolean;
  /** Calls until the store loses everything and is made anew, just before one; never when absent. */
  loseAfter?: number | undefined;
  /** Turns of the event loop before a call is done; 0 when absent. */
  slowness?: () => number;
}

/** The use cases of touch and of identities on plain stores, with weather. */
export class TouchWorld {
  readonly clock = steppableClock();
  readonly identities = new PlainIdentities();
  readonly ledger = new ScriptedLedger();
  readonly weather: Weather = { doneBeforeFailing: false };
  /** Who the online state takes people for; the truth when absent. */
  staleHomeOf: ((userId: string) => string | undefined) | undefined;
  #store = new MemoryTouchStore();
  readonly #policy: TouchPolicy;

  constructor(policy: TouchPolicy) {
    this.#policy = policy;
    const ledger = this.#inWeather(() => this.ledger);
    const dependencies: TouchDependencies = {
      store: this.#inWeather<TouchStore>(() => this.#store),
      ledger,
      policy: () => policy,
      clock: this.clock,
      personOf: async (userId) => ({
        homeId: this.staleHomeOf?.(userId) ?? (await this.personOf(userId)),
        timezone: 'UTC',
      }),
      settleTouches: (...asked) => settleTouches(...asked),
    };
    const settleTouches = createSettleTouches({ ...dependencies, ledger, identities: this.identities });
    const linking = {
      identities: this.identities,
      onChanged: async () => {},
      settleTouches,
      clock: this.clock,
    };
    this.link = (userId, value) => createLinkIdentity(linking)({ userId, identity: { value } });
    this.unlink = createUnlinkIdentity(linking);
    this.settleTouches = settleTouches;
    this.canTouch = createCanTouch(dependencies);
    this.reserveTouch = createReserveTouch(dependencies);
    this.commitTouch = createCommitTouch(dependencies);
    this.releaseTouch = createReleaseTouch(dependencies);
    this.recordOutcome = createRecordOutcome(dependencies);
  }

  readonly link: (userId: string, otherId: string) => ReturnType<ReturnType<typeof createLinkIdentity>>;
  readonly unlink: ReturnType<typeof createUnlinkIdentity>;
  readonly settleTouches: ReturnType<typeof createSettleTouches>;
  readonly canTouch: ReturnType<typeof createCanTouch>;
  readonly reserveTouch: ReturnType<typeof createReserveTouch>;
  readonly commitTouch: ReturnType<typeof createCommitTouch>;
  readonly releaseTouch: ReturnType<typeof createReleaseTouch>;
  readonly recordOutcome: ReturnType<typeof createRecordOutcome>;

  get store(): TouchStore {
    return this.#store;
  }

  async personOf(userId: string): Promise<string> {
    return (await this.identities.personOf([userId])).get(userId) ?? userId;
  }

  /** The store loses everything and is made anew from the ledger. */
  async loseStore(): Promise<void> {
    const store = new MemoryTouchStore();
    const pruneBeforeMs = this.clock.nowMs() - touchRetentionMs(this.#policy);
    await rebuildTouchStore({ ledger: this.ledger, store, pruneBeforeMs });
    this.#store = store;
  }

  #inWeather<Port extends object>(port: () => Port): Port {
    const { weather } = this;
    return new Proxy({} as Port, {
      get: (_, name) => async (given: never, options: never) => {
        for (let turns = weather.slowness?.() ?? 0; turns > 0; turns -= 1) await nextTurn();
        if (weather.loseAfter === 0) await this.loseStore();
        if (weather.loseAfter !== undefined) weather.loseAfter -= 1;
        const fails = weather.failAfter === 0;
        if (weather.failAfter !== undefined) weather.failAfter -= 1;
        if (fails && !weather.doneBeforeFailing) throw new UnavailableError('bad weather');
        const target = port();
        const method = Reflect.get(target, name) as (given: never, options: never) => Promise<unknown>;
        // As over a wire: nothing that came back is the very object that went in.
        const answer = structuredClone(await method.call(target, given, options));
        if (fails) throw new UnavailableError('the answer was lost in bad weather');
        return answer;
      },
    });
  }
}
