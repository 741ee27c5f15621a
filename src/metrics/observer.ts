import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { Steering } from '../fairness/steering.js';
import type { ServedFairness } from '../ranking/servedListStore.js';

/** What readers see a behaviour in: the person who did it, or the product and shop it was done to. */
export const SIDES = ['people', 'items'] as const;
export type Side = (typeof SIDES)[number];

/** What an app tells of, to whoever counts it. Every call returns at once and never throws. */
export interface Observer {
  /** Readers of this side count these behaviours from now on. */
  onVisible(side: Side, behaviours: readonly LoggedBehaviour[]): void;
  /** So many partitions were built from the truth. */
  onBuilt(partitions: number): void;
  /** A stage of ranking failed and was done without. */
  onDegraded(stage: string): void;
  /** A list was answered, and this is what fairness did to it. */
  onFairPage(page: ServedFairness): void;
}

/** How far the log has been applied. What cannot be read now is undefined. */
export interface Progress {
  /** The end of the log. */
  readonly lastSeq?: number;
  /** People of every partition count everything up to here, whoever owns it. */
  readonly peopleSeq?: number;
  /** Products and shops of this process count everything up to here. */
  readonly itemsSeq: number;
  readonly partitionsOwned: number;
  /** Partitions, whoever owns them, whose online state is not whole. */
  readonly partitionsUnready?: number;
  /** Where the fairness loop stands; absent before its first step, and where there is none. */
  readonly fairness?: Steering;
}
