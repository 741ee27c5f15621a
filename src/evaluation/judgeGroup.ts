import type { Answers } from './ask.js';
import { bootstrapMeans, type Estimate, estimate, pairedDifference } from './bootstrap.js';
import { LIST_METRICS } from './listMetrics.js';
import type { EvaluatedUser } from './split.js';
import type { UserGroup } from './userGroups.js';

/** How every recommender did for one group of people. */
export interface GroupJudgement {
  readonly users: number;
  /** By recommender name, then metric name. */
  readonly metrics: ReadonlyMap<string, Record<string, Estimate>>;
  /** Subject − the named recommender, by its name, then metric name. */
  readonly differences: ReadonlyMap<string, Record<string, Estimate>>;
}

/** One metric of one recommender, a value a person. */
interface Column {
  readonly recommender: string;
  readonly metric: string;
  readonly values: Float64Array;
}

/** Judges all answers on the same people and the same resamples; undefined for a group of nobody. */
export function judgeGroup(options: {
  group: UserGroup;
  users: readonly EvaluatedUser[];
  answers: readonly Answers[];
  /** Name of the recommender that is compared with the others. */
  subject?: string;
  resamples: number;
  seed: number;
}): GroupJudgement | undefined {
  const { group, subject } = options;
  const members = options.users
    .map((user, position) => ({ position, targets: new Set(group.targetsOf(user)) }))
    .filter(({ targets }) => targets.size > 0);
  if (members.length === 0) return undefined;

  const columns: Column[] = options.answers.flatMap(({ recommender, lists }) =>
    LIST_METRICS.map((metric) => ({
      recommender: recommender.name,
      metric: metric.name,
      values: Float64Array.from(members, ({ position, targets }) =>
        metric.value(lists[position] ?? [], targets),
      ),
    })),
  );
  const resampled = bootstrapMeans({
    columns: columns.map(({ values }) => values),
    resamples: options.resamples,
    seed: options.seed,
  }).map((resampledMeans, index) => ({ ...(columns[index] as Column), resampledMeans }));

  const metrics = new Map<string, Record<string, Estimate>>();
  const differences = new Map<string, Record<string, Estimate>>();
  for (const column of resampled) {
    entry(metrics, column.recommender)[column.metric] = estimate(column.values, column.resampledMeans);
    const judged = resampled.find((other) => other.recommender === subject && other.metric === column.metric);
    if (judged === undefined || judged === column) continue;
    entry(differences, column.recommender)[column.metric] = pairedDifference(judged, column);
  }
  return { users: members.length, metrics, differences };
}

function entry(of: Map<string, Record<string, Estimate>>, name: string): Record<string, Estimate> {
  let found = of.get(name);
  if (!found) {
    found = {};
    of.set(name, found);
  }
  return found;
}
