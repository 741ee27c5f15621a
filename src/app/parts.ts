import type { Behaviour, BehaviourContext, LoggedBehaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import type { CatalogIndex } from '../catalog/catalogIndex.js';
import type { TitleSegmenter } from '../catalog/titleSegmenter.js';
import type { Clock } from '../core/time.js';
import type { User } from '../identity/user.js';
import type { Observer, Progress } from '../metrics/observer.js';
import type { MemoryOnlineState } from '../stores/memory/memoryOnlineState.js';
import type { Truth } from '../stores/postgres/openTruth.js';
import type { People } from '../tags/people.js';
import type { TouchBatchDependencies, TouchDependencies } from '../touch/touchDependencies.js';
import type { TouchPolicy } from '../touch/touchPolicy.js';
import type { TouchStore } from '../touch/touchStore.js';

/** Where the app says what an operator should know. */
export interface AppLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What both ways of running are built on. */
export interface PartsOptions {
  readonly clock: Clock;
  readonly weights: BehaviourWeights;
  readonly segmenter: TitleSegmenter;
  readonly policy: () => TouchPolicy;
  readonly log: AppLog;
  readonly observer?: Observer;
  /** Told how much of the log has been replayed at start. */
  readonly onReplay?: (done: number, total: number) => void;
}

/**
 * What use cases are wired to, and what differs between embedded mode and real engines: where the
 * truth is, where people and their touches are kept online, and how news gets there.
 */
export interface Parts {
  readonly truth: Truth;
  readonly catalog: CatalogIndex;
  /** Products and shops, in this process in either mode. */
  readonly state: MemoryOnlineState;
  readonly people: People;
  /** Whether products and shops count everything up to `seq`, waiting at most `waitMs`. */
  readonly waitForItems: (seq: number, waitMs: number) => Promise<boolean>;
  readonly touchStore: TouchStore;
  readonly personsOf: TouchBatchDependencies['personsOf'];
  readonly habitsOf: NonNullable<TouchDependencies['habitsOf']>;
  /** Told that the touch ledger has grown. */
  readonly onTouchesLogged: () => void;
  /** See `TouchDependencies`; absent in embedded mode. */
  readonly ledgerSettle?: TouchDependencies['ledgerSettle'];
  /** What is to be logged with behaviours; one for each, in order. */
  readonly contextsOf: (behaviours: readonly Behaviour[]) => Promise<readonly BehaviourContext[]>;
  /** Told of behaviours that are committed. */
  readonly onLogged: (logged: readonly LoggedBehaviour[]) => Promise<void>;
  /** Told of users that are committed; resolves once touches are decided by what the truth has of them now. */
  readonly onUsersKept: (users: readonly User[]) => Promise<void>;
  /** Told of ids whose person may have changed; resolves once people are read as the truth has them now. */
  readonly onIdentitiesChanged: (userIds: readonly string[]) => Promise<void>;
  /** How far the truth has been applied, for whoever looks: answers in bounded time, whatever is away. */
  readonly progress: () => Promise<Progress>;
  /** Lets go of everything, the truth included. */
  close(): Promise<void>;
}
