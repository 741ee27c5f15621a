import type { Logger } from 'pino';
import type { InFlight } from './inFlight.js';
import type { UseCases } from './useCases.js';

/** What every handler is given. */
export interface CallContext {
  readonly useCases: UseCases;
  readonly logger: Logger;
  readonly inFlight: InFlight;
  /** Aborts when the server begins to stop: streams finish what they hold and end. */
  readonly stopping: AbortSignal;
}
