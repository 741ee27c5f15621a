import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { TagRankClient } from '../../../src/server/client.js';
import type { Life, ServerProcess } from '../world/serverProcess.js';
import type { Book } from './book.js';

/** What every caller of a load has. */
export interface Load {
  readonly book: Book;
  readonly servers: readonly ServerProcess[];
  /** Aborted when no new work is to begin. */
  readonly ending: AbortSignal;
}

/** An answer, a refusal with a status that a caller must understand, or nothing that tells anything. */
export type Asked<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly code: status; readonly details: string }
  | { readonly kind: 'unanswered' };

/** Codes after which a caller knows nothing: the call may have been done or not. */
const UNANSWERED = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED]);

/** Asks a server that listens, whichever it is. */
export async function askSome<Answer>(
  load: Load,
  {
    method,
    random,
    patience,
    ask,
  }: {
    method: string;
    random: () => number;
    patience: keyof Life;
    ask: (client: TagRankClient) => Promise<Answer>;
  },
): Promise<Asked<Answer>> {
  const server = await someServer(load, random);
  const { book } = load;
  try {
    const answer = await ask(server[patience]);
    book.tally.add(`calls of ${method}`, 'answered');
    return { kind: 'answered', answer };
  } catch (error) {
    const { code, details } = error as ServiceError;
    const name = isCut(error as ServiceError) ? 'connection cut' : (status[code] ?? String(error));
    book.tally.add(`calls of ${method}`, name);
    if (tellsNothing(error as ServiceError)) return { kind: 'unanswered' };
    return { kind: 'refused', code, details };
  }
}

/** One that listens, whichever it is; waits for one when there is none. */
export async function someServer({ servers }: Pick<Load, 'servers'>, random: () => number): Promise<Life> {
  for (;;) {
    const lives = servers.flatMap(({ life }) => (life === undefined ? [] : [life]));
    const life = lives[Math.floor(random() * lives.length)];
    if (life !== undefined) return life;
    await sleep(50);
  }
}

/** Whether a caller knows no more than before: the call may have been done or not. */
export function tellsNothing(error: ServiceError): boolean {
  return UNANSWERED.has(error.code) || isCut(error);
}

/** The library says INTERNAL, too, when the process at the other end died. */
function isCut({ code, details }: ServiceError): boolean {
  return code === status.INTERNAL && /RST_STREAM|ECONNRESET|EPIPE|socket/i.test(details);
}
