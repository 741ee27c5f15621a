import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { degradationLevels } from '../../../src/server/client.js';
import { fromWatermarkOutcome } from '../../../src/server/convert/vocabulary.js';
import type { Load } from './ask.js';
import { choicesOf, PRODUCTS, USERS } from './shopfront.js';

/**
 * Asks for pages until the end, with and without candidates and watermarks. A server that is neither
 * killed nor stopped meanwhile must answer, whatever happens to its engines, and in time: `checkPages`.
 */
export async function rank({ book, servers, ending }: Load, name: string): Promise<void> {
  const { random, pick } = choicesOf(`${name} chooses`);
  while (!ending.aborted) {
    await sleep(30 + 60 * random());
    const server = pick(servers);
    const { life, disturbances, isPaused } = server;
    if (life === undefined || isPaused) continue;
    const watermark = random() < 0.3 ? book.watermark : '';
    const startMs = performance.now();
    try {
      const answer = await life.rank.rank({
        userId: pick(USERS),
        scene: 'home',
        pageSize: 10,
        candidateIds: random() < 0.5 ? PRODUCTS.slice(0, 30) : [],
        watermark,
      });
      book.rankMs.push(performance.now() - startMs);
      book.tally.add('calls of Rank', 'answered');
      const level = degradationLevels.toWord(answer.degradationLevel) ?? 'without a level';
      book.tally.add('levels of Rank', level);
      if (level === 'without a level') book.violate('a page does not say its level');
      if (level !== 'full' && answer.degradationReason === '')
        book.violate(`a page is ${level} without a reason`);
      if (answer.items.length === 0) book.violate('a page is empty');
      if (watermark === '') continue;
      const isApplied = answer.watermarkState === fromWatermarkOutcome('applied');
      book.tally.add('watermarks of Rank', isApplied ? 'applied' : 'gave up in time');
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (server.disturbances !== disturbances) {
        book.tally.add('calls of Rank', 'its server was killed or stopped');
        continue;
      }
      book.tally.add('calls of Rank', status[code] ?? String(error));
      const what = `a page of server ${server.name}, which was left alone: ${status[code]} ${details}`;
      if (code !== status.DEADLINE_EXCEEDED) book.violate(what);
      else {
        book.note(what);
        book.latePages += 1;
      }
    }
  }
}
