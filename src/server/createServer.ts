import { setMaxListeners } from 'node:events';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import { BehaviourServiceService } from '../gen/tagrank/v1/behaviour.js';
import { CatalogServiceService } from '../gen/tagrank/v1/catalog.js';
import { FairnessServiceService } from '../gen/tagrank/v1/fairness.js';
import { ModelServiceService } from '../gen/tagrank/v1/model.js';
import { RecommendationServiceService } from '../gen/tagrank/v1/recommendation.js';
import { TagServiceService } from '../gen/tagrank/v1/tag.js';
import { TouchServiceService } from '../gen/tagrank/v1/touch.js';
import { UserServiceService } from '../gen/tagrank/v1/user.js';
import type { CallContext } from './callContext.js';
import { behaviourHandlers } from './handlers/behaviourHandlers.js';
import { catalogHandlers } from './handlers/catalogHandlers.js';
import { fairnessHandlers } from './handlers/fairnessHandlers.js';
import { modelHandlers } from './handlers/modelHandlers.js';
import { recommendationHandlers } from './handlers/recommendationHandlers.js';
import { tagHandlers } from './handlers/tagHandlers.js';
import { touchHandlers } from './handlers/touchHandlers.js';
import { userHandlers } from './handlers/userHandlers.js';
import { createInFlight } from './inFlight.js';
import { type CallObserver, observeCalls } from './interceptors/observeCalls.js';
import { tolerantOfMalformed } from './malformedRequest.js';
import { createReflection } from './reflection.js';
import type { UseCases } from './useCases.js';

/**
 * Room for 100,000 candidates of the longest id, so that it is our own rule that refuses a request
 * that is too large, by field, and not the transport.
 */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const SERVICES = [
  'tagrank.v1.BehaviourService',
  'tagrank.v1.CatalogService',
  'tagrank.v1.FairnessService',
  'tagrank.v1.ModelService',
  'tagrank.v1.RecommendationService',
  'tagrank.v1.TagService',
  'tagrank.v1.TouchService',
  'tagrank.v1.UserService',
] as const;

export interface TagRankServer {
  /**
   * Binds `host:port` (port 0 picks a free one) and serves.
   *
   * @returns the address that is really bound
   * @throws Error when the address cannot be bound
   */
  start(address: string): Promise<string>;
  /**
   * Takes no new calls, lets those in flight finish, ends streams where they stand, and closes.
   * What takes longer than `graceMs` is cut off. Never rejects; a second call waits for the first.
   */
  stop(options?: { graceMs?: number }): Promise<void>;
}

export interface ServerOptions extends Pick<CallObserver, 'onCall'> {
  readonly useCases: UseCases;
  readonly logger: Logger;
}

/** A gRPC server over the use cases; health and reflection included. Plain text: TLS ends before it. */
export function createServer({ useCases, logger, onCall }: ServerOptions): TagRankServer {
  const inFlight = createInFlight();
  const stopping = new AbortController();
  // One listener for each open stream, and there may be any number of those.
  setMaxListeners(0, stopping.signal);
  const context: CallContext = { useCases, logger, inFlight, stopping: stopping.signal };
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    interceptors: [observeCalls({ logger, nowMs: () => performance.now(), onCall })],
  });
  const health = new HealthImplementation();
  const setHealth = (state: 'SERVING' | 'NOT_SERVING'): void => {
    for (const name of ['', ...SERVICES]) health.setStatus(name, state);
  };

  server.addService(tolerantOfMalformed(BehaviourServiceService), behaviourHandlers(context));
  server.addService(tolerantOfMalformed(CatalogServiceService), catalogHandlers(context));
  server.addService(tolerantOfMalformed(FairnessServiceService), fairnessHandlers(context));
  server.addService(tolerantOfMalformed(ModelServiceService), modelHandlers(context));
  server.addService(tolerantOfMalformed(RecommendationServiceService), recommendationHandlers(context));
  server.addService(tolerantOfMalformed(TagServiceService), tagHandlers(context));
  server.addService(tolerantOfMalformed(TouchServiceService), touchHandlers(context));
  server.addService(tolerantOfMalformed(UserServiceService), userHandlers(context));
  health.addToServer(server);
  createReflection().addToServer(server);
  setHealth('NOT_SERVING');

  let stopped: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => {
    setHealth('NOT_SERVING');
    stopping.abort();
    const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    // Health watches have no end of their own: once our calls are done they are not waited for.
    const drained = inFlight.idle().then(() => Promise.race([closed, sleep(LAST_ANSWERS_MS)]));
    await Promise.race([drained, sleep(graceMs)]);
    if (inFlight.count() > 0) logger.warn({ inFlight: inFlight.count() }, 'calls cut off by stop');
    server.forceShutdown();
  };

  return {
    async start(address) {
      const host = address.slice(0, address.lastIndexOf(':'));
      const port = await bind(server, address);
      setHealth('SERVING');
      return `${host}:${port}`;
    },
    stop({ graceMs = DEFAULT_GRACE_MS } = {}) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

const DEFAULT_GRACE_MS = 10_000;
/** Time for the last answers to leave, once they are handed to the transport. */
export const LAST_ANSWERS_MS = 500;

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Does not keep the process alive. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
