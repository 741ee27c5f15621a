import { seededRandom } from '../core/random.js';

/** At most `size` of `items`, each as likely as any other, in an order drawn by the same seed. */
export function sample<T>(items: readonly T[], size: number, seed: number): T[] {
  const random = seededRandom(seed);
  const drawn = [...items];
  const wanted = Math.min(Math.max(0, Math.floor(size)), drawn.length);
  for (let index = 0; index < wanted; index++) {
    const other = index + Math.floor(random() * (drawn.length - index));
    [drawn[index], drawn[other]] = [drawn[other] as T, drawn[index] as T];
  }
  return drawn.slice(0, wanted);
}
