import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { type Answers, Asking } from './ask.js';
import type { LogPlayer } from './logPlayer.js';
import type { Recommender } from './recommender.js';
import type { EvaluatedUser } from './split.js';

/** How often what is fitted to a whole log at once is fitted anew. */
export const ROUNDS = 50;

/**
 * Plays the log, and stops just before each question: every recommender is told what has been played since
 * the last one, the same news to all, and then all are asked. What was held back is played afterwards, when
 * it happened: to the next asker it is a behaviour like any other. `users` must be in order of time.
 */
export async function askAlongTheLog(options: {
  recommenders: readonly Recommender[];
  users: readonly EvaluatedUser[];
  log: LogPlayer<Shop, Product>;
  /** As many rounds, each of an equal number of questions; fewer when there are fewer questions. */
  rounds: number;
  /** Told after each user, once all have answered. */
  onAsked?: (asked: number) => void;
}): Promise<Answers[]> {
  const { recommenders, users, log, rounds } = options;
  const askings = recommenders.map((recommender) => new Asking(recommender));
  let toldUntilMs = Number.NEGATIVE_INFINITY;
  for (const [index, user] of users.entries()) {
    if (user.askedAtMs > toldUntilMs) {
      const round = Math.floor((index * rounds) / users.length);
      const news = { ...log.advance(user.askedAtMs), round };
      for (const recommender of recommenders) await recommender.learn?.(news);
      toldUntilMs = user.askedAtMs;
    }
    for (const asking of askings) await asking.ask(user, log.catalogue);
    options.onAsked?.(index + 1);
  }
  return askings.map(({ answers }) => answers);
}
