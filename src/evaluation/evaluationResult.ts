import type { Estimate } from './bootstrap.js';
import type { ExposureSpread } from './exposure.js';
import type { LatencySummary } from './latency.js';
import type { LeftOut } from './leaveLastOut.js';
import type { Protocol } from './split.js';
import type { TargetKind } from './targets.js';

/** What one evaluation found: the JSON that is kept, and all that tables and plots are made of. */
export interface EvaluationResult {
  readonly dataSet: string;
  /** RFC 3339. */
  readonly madeAt: string;
  readonly machine: Machine;
  /** Name and version of what ran, e.g. `{ node: 'v20.20.2' }`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly split: SplitFacts;
  readonly recommenders: readonly RecommenderResult[];
  /** Per-user paired comparisons of the one that is judged with each other one; absent without it. */
  readonly comparisons: readonly Comparison[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
}

export interface SplitFacts {
  readonly protocol: Protocol;
  /** RFC 3339. Settings and models are chosen and fitted on what lies before it. */
  readonly splitAt: string;
  readonly targetKind: TargetKind;
  readonly behavioursBefore: number;
  readonly behavioursAfter: number;
  /** Products, and shops of them, that could be recommended when the last question was put. */
  readonly products: number;
  readonly shops: number;
  /** Users with targets that are held back, and how many of them were asked. */
  readonly users: number;
  readonly usersAsked: number;
  /** Of those asked. */
  readonly warmUsers: number;
  readonly coldUsers: number;
  readonly seenTargets: number;
  readonly newTargets: number;
  /** New targets outside the catalogue when their user is asked: nobody can reach them, and they count. */
  readonly unreachableTargets: number;
  /** Of a protocol that asks each user at a moment of their own. */
  readonly asking?: AskingFacts;
}

export interface AskingFacts {
  /** When the first and the last question was put, RFC 3339. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** Behaviours from the split on that everybody was told before the last question. */
  readonly behavioursPlayed: number;
  /** How often what is fitted to a whole log at once was fitted anew. */
  readonly rounds: number;
  readonly leftOut: LeftOut;
}

export interface RecommenderResult {
  readonly name: string;
  /** The name of the recommender that this is, with a part missing. */
  readonly ablationOf?: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** By group name; a group without people is absent. */
  readonly groups: Readonly<Record<string, GroupResult>>;
  /** Of the first 20 places. */
  readonly productExposure: ExposureSpread;
  /** Absent when no product has a shop. */
  readonly shopExposure?: ExposureSpread;
  readonly latency: LatencySummary;
  /** Places given to products outside the catalogue when they were asked: must be 0. */
  readonly foreignPlaces: number;
}

export interface GroupResult {
  readonly users: number;
  /** By metric name, e.g. `ndcg@20`. */
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** `subject − against`, a person: above 0 where the subject is better. */
export interface Comparison {
  readonly subject: string;
  readonly against: string;
  /** By group name, then by metric name. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, Estimate>>>>;
}
