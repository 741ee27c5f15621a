import { collectDefaultMetrics, Registry } from 'prom-client';
import { createCallMetrics, type FinishedCall } from './callMetrics.js';
import { createFairnessMetrics } from './fairnessMetrics.js';
import type { Observer, Progress } from './observer.js';
import { createProjectionMetrics } from './projectionMetrics.js';
import { createUseCaseMetrics, type UseCaseMetrics } from './useCaseMetrics.js';

/**
 * Everything that is counted of one app. Whoever tells it calls plain functions; what the figures are
 * kept in is known to this room alone.
 */
export interface Metrics extends Observer, Pick<UseCaseMetrics, 'measure'> {
  onCall(call: FinishedCall): void;
  /** All figures in the text format of Prometheus; `progress` says where the app stands now. */
  text(progress: Progress): Promise<string>;
  readonly contentType: string;
}

/** Figures of the process and its event loop are included, under their usual names. */
export function createMetrics({ nowMs }: { nowMs: () => number }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const projection = createProjectionMetrics(registry, nowMs);
  const useCases = createUseCaseMetrics(registry);
  const fairness = createFairnessMetrics(registry);
  return {
    onCall: createCallMetrics(registry),
    onVisible: projection.onVisible,
    onBuilt: projection.onBuilt,
    onDegraded: useCases.onDegraded,
    onFairPage: fairness.onFairPage,
    measure: useCases.measure,
    async text(progress) {
      projection.show(progress);
      fairness.show(progress);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
