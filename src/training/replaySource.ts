import type { ReplaySource } from './replayedWorld.js';
import type { TrainingData } from './trainingData.js';

/** The records of a data folder, as a replay reads them. */
export function replaySource({ shops, products, users }: TrainingData): ReplaySource {
  return { shops: () => each(shops), products: () => each(products), users: () => each(users) };
}

async function* each<T>(records: readonly T[]): AsyncGenerator<T> {
  yield* records;
}
