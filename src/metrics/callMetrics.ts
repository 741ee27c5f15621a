import { Histogram, type Registry } from 'prom-client';

/** A call that was answered, or given up. */
export interface FinishedCall {
  /** As it stands on the wire: `/tagrank.v1.RecommendationService/Rank`. */
  readonly method: string;
  /** The gRPC status in words: `OK`, `UNAVAILABLE`… */
  readonly status: string;
  readonly durationMs: number;
}

/** From what a page render never notices to what it never waits for. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Only methods of the contract come here, so the labels stay few. */
export function createCallMetrics(registry: Registry): (call: FinishedCall) => void {
  const duration = new Histogram({
    name: 'tagrank_call_duration_seconds',
    help: 'Calls by method and gRPC status, from the first header to the status; of a stream, all its life.',
    labelNames: ['method', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  return ({ method, status, durationMs }) => {
    duration.observe({ method: method.replace(/^\//, ''), status }, durationMs / 1_000);
  };
}
