import type { LoggedBehaviour } from '../../../src/behaviour/behaviour.js';
import { behaviourTypes, toEpochMs } from '../../../src/server/client.js';
import type { Book } from '../load/book.js';
import { diaryEntryOf, eventOf } from '../load/shopfront.js';
import type { Check } from './check.js';

/** Everything acknowledged is in the log once, as it was sent; nothing else but what may be there. */
export function checkLog(rows: readonly LoggedBehaviour[], book: Book): Check {
  const violations: string[] = [];
  const logged = new Map<string, number>();
  for (const { behaviour } of rows) {
    const { eventId } = behaviour;
    logged.set(eventId, (logged.get(eventId) ?? 0) + 1);
    if (!book.events.has(eventId)) violations.push(`${eventId} is in the log, and nobody sent it`);
    else if (wordsOf(behaviour) !== wordsSent(eventId, book))
      violations.push(`${eventId} is not logged as sent`);
  }
  const [acknowledged, uncertain] = [
    [...book.events].filter(([, { isAcknowledged }]) => isAcknowledged),
    [...book.events].filter(([, { isAcknowledged }]) => !isAcknowledged),
  ];
  for (const [eventId] of acknowledged) {
    if (!logged.has(eventId)) violations.push(`${eventId} was acknowledged and is not in the log`);
  }
  for (const [eventId, times] of logged)
    if (times > 1) violations.push(`${eventId} is ${times} times in the log`);
  const kept = uncertain.filter(([eventId]) => logged.has(eventId)).length;
  return {
    name: 'log',
    compared: `${acknowledged.length} acknowledged events, each once; ${uncertain.length} never acknowledged, of which ${kept} are in the log`,
    violations,
  };
}

function wordsOf({ type, userId, productId, query, occurredAtMs }: LoggedBehaviour['behaviour']): string {
  return [type, userId, productId, query, occurredAtMs].join('|');
}

function wordsSent(eventId: string, { startMs }: Book): string {
  const [userId = ''] = eventId.split('/');
  const event = userId.startsWith('diary of')
    ? diaryEntryOf({ eventId, userId: eventId.slice(0, eventId.lastIndexOf('/')), startMs })
    : eventOf(eventId, startMs);
  const { productId, query } = event as { productId?: string; query?: string };
  return [
    behaviourTypes.toWord(event.type),
    event.userId,
    productId,
    query,
    toEpochMs(event.occurredAt),
  ].join('|');
}
