import { createApp } from '../app.js';
import type { Behaviour } from '../behaviour/behaviour.js';
import { type BehaviourWeights, STARTING_WEIGHTS } from '../behaviour/weights.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { FailedPreconditionError, InvalidInputError, type Violation } from '../core/errors.js';
import type { User } from '../identity/user.js';
import { createLogger } from '../logger.js';
import type { RankExperiment } from '../ranking/experiment.js';
import { createClient, degradationLevels } from '../server/client.js';
import { createServer } from '../server/createServer.js';
import { ablations } from './ablations.js';
import type { News, Recommender } from './recommender.js';
import type { EvaluationSplit } from './split.js';

/** Records handed to a use case at once. */
const BATCH = 500;

/** TagRank as an evaluation asks it. `close` stops its server. */
export interface TagrankRecommender extends Recommender {
  /** The same server with a part of ranking missing; empty unless asked for. */
  readonly ablations: readonly Recommender[];
  close(): Promise<void>;
}

/**
 * The whole of TagRank as of the split: an app whose clock stands still there and whose truth ends
 * with it, taught through its own use cases what was known before, behind its own gRPC server.
 * News move the clock and go the same way; the model stays as it was.
 * Every answer is one real `Rank` call of a real client.
 *
 * @throws FailedPreconditionError when the model cannot be used: another than the one asked for is
 * not what should be measured.
 */
export async function startTagrankRecommender(options: {
  split: EvaluationSplit;
  shops: readonly Shop[];
  products: readonly Product[];
  users: readonly User[];
  /** The starting weights when absent. */
  weights?: BehaviourWeights;
  /** Ranks without a model when absent. */
  modelManifest?: string;
  /** Makes `ablations` as well. */
  ablate?: boolean;
  /** Told how much of all records has been taken in. */
  onProgress?: (done: number, total: number) => void;
}): Promise<TagrankRecommender> {
  const { split, modelManifest, weights = STARTING_WEIGHTS } = options;
  const weighed: Record<string, string> =
    weights === STARTING_WEIGHTS ? {} : { weights: weightsFingerprint(weights) };
  const logger = createLogger({ level: 'silent' });
  let nowMs = split.splitAtMs;
  let experiment: RankExperiment = {};
  let modelProblem: unknown;
  const app = await createApp({
    dataDir: 'memory',
    modelManifest,
    weights,
    maxCandidates: 2_000,
    keepServedLists: false,
    // Nobody is shown these lists, and with ablations everybody is asked about several times.
    experiment: () => experiment,
    clock: { nowMs: () => nowMs },
    log: {
      info: () => {},
      warn: (fields) => {
        modelProblem ??= (fields as { err?: unknown }).err;
      },
    },
  });
  if (modelManifest !== undefined && app.modelVersion() === undefined) {
    await app.close();
    throw modelProblem ?? new FailedPreconditionError(`the model ${modelManifest} could not be loaded`);
  }

  const known = knownAt(options);
  const { useCases } = app;
  const total = known.shops.length + known.products.length + known.users.length + split.before.length;
  let done = 0;
  const onTaken = (count: number) => {
    done += count;
    options.onProgress?.(done, total);
  };
  const track = async (batch: readonly Behaviour[]) => (await useCases.track(batch)).outcomes;
  await teach(known.shops, useCases.upsertShops, onTaken);
  await teach(known.products, useCases.upsertProducts, onTaken);
  await teach(known.users, useCases.upsertUsers, onTaken);
  await teach(split.before, track, onTaken);

  const server = createServer({ useCases, logger });
  const client = createClient(await server.start('127.0.0.1:0'), { deadlineMs: 60_000 });
  await client.ready();
  const ask = (name: string, part: RankExperiment): Recommender => {
    const levels = new Map<string, number>();
    return {
      name,
      get settings() {
        return { model: app.modelVersion() ?? 'none', ...weighed, ...Object.fromEntries(levels) };
      },
      async recommend({ userId, k }) {
        experiment = part;
        const { items, degradationLevel } = await client.rank({ userId, pageSize: k });
        const level = `answers ${degradationLevels.toWord(degradationLevel) ?? 'unspecified'}`;
        levels.set(level, (levels.get(level) ?? 0) + 1);
        return items.map(({ productId }) => productId);
      },
    };
  };
  const whole = ask('tagrank', {});
  const learn = async (news: News) => {
    if (news.nowMs <= nowMs) return;
    nowMs = news.nowMs;
    await teach(news.shops, useCases.upsertShops);
    await teach(news.products, useCases.upsertProducts);
    await teach(news.behaviours, track);
  };
  return {
    name: whole.name,
    get settings() {
      return whole.settings;
    },
    learn,
    recommend: whole.recommend,
    ablations: (options.ablate ? ablations() : []).map(({ name, experiment: part }) => ({
      ...ask(`tagrank ${name}`, part),
      settings: {},
      ablationOf: whole.name,
      learn,
    })),
    async close() {
      client.close();
      await server.stop();
      await app.close();
    },
  };
}

/** What the catalogue held at the split: what came later could only be a leak. */
function knownAt(options: {
  split: EvaluationSplit;
  shops: readonly Shop[];
  products: readonly Product[];
  users: readonly User[];
}) {
  const { catalogue, splitAtMs } = options.split;
  return {
    shops: options.shops.filter(({ createdAtMs }) => createdAtMs === undefined || createdAtMs < splitAtMs),
    products: options.products.filter(({ productId }) => catalogue.has(productId)),
    users: options.users,
  };
}

/** Hands the records to a use case in batches; `onTaken` is told how many were in each. */
async function teach<T>(
  records: readonly T[],
  take: (batch: readonly T[]) => Promise<readonly TakenOutcome[]>,
  onTaken?: (count: number) => void,
): Promise<void> {
  for (let at = 0; at < records.length; at += BATCH) {
    const batch = records.slice(at, at + BATCH);
    refuseRejected(await take(batch));
    onTaken?.(batch.length);
  }
}

type TakenOutcome =
  | { readonly status: 'accepted' | 'duplicate' }
  | { readonly status: 'rejected'; readonly violations: readonly Violation[] };

/** The records were checked when they were read: a use case that refuses one is a fault of ours. */
function refuseRejected(outcomes: readonly TakenOutcome[]): void {
  const violations = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.violations : []));
  if (violations.length > 0) throw new InvalidInputError(violations);
}
