import type { World } from '../world/world.js';
import type { Load } from './ask.js';
import type { Book } from './book.js';
import { describeAnew, linkAndUnlink } from './describers.js';
import { rank } from './rankers.js';
import { sendTouches } from './touchSenders.js';
import { track } from './trackers.js';

const CALLERS = [
  { name: 'tracker', count: 5, run: track },
  { name: 'ranker', count: 3, run: rank },
  { name: 'campaign', count: 8, run: sendTouches },
  { name: 'describer', count: 1, run: describeAnew },
  { name: 'linker', count: 1, run: linkAndUnlink },
] as const;

/**
 * All callers at once, until `ending` is aborted and each has finished what it began. Their choices
 * follow from the seed; when things happen does not.
 */
export async function runLoad({
  world,
  book,
  seed,
  ending,
}: {
  world: World;
  book: Book;
  seed: number;
  ending: AbortSignal;
}): Promise<void> {
  const load: Load = { book, servers: world.servers, ending };
  await Promise.all(
    CALLERS.flatMap(({ name, count, run }) =>
      Array.from({ length: count }, (_, i) => run(load, `${seed}/${name}-${i}`)),
    ),
  );
}
