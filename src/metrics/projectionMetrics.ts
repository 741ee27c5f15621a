import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Observer, type Progress, SIDES, type Side } from './observer.js';

export interface ProjectionMetrics extends Pick<Observer, 'onVisible' | 'onBuilt'> {
  show(progress: Progress): void;
}

/** From one wake-up of a projector to an outage. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

export function createProjectionMetrics(registry: Registry, nowMs: () => number): ProjectionMetrics {
  const registers = [registry];
  const freshness = new Histogram({
    name: 'tagrank_freshness_seconds',
    help:
      'From the begin of the transaction that committed a behaviour to the moment from which Rank counts it, ' +
      "by the database's clock and this process's; where Track itself waits for that (embedded mode), nothing.",
    labelNames: ['side'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const lag = new Gauge({
    name: 'tagrank_log_lag_rows',
    help:
      'Rows of the log that are not applied yet; gaps in its numbers count, 0 is exact. ' +
      'People: where the furthest behind of all partitions stands. Items: this process. Absent while unreadable.',
    labelNames: ['side'],
    registers,
  });
  const owned = new Gauge({
    name: 'tagrank_partitions_owned',
    help: 'Partitions of people that this process carries from the log into the online state.',
    registers,
  });
  const unready = new Gauge({
    name: 'tagrank_partitions_unready',
    help: 'Partitions, whoever owns them, whose online state is not whole: their touches are refused. Absent while unreadable.',
    registers,
  });
  const built = new Counter({
    name: 'tagrank_partitions_built_total',
    help: 'Partitions that this process built from the truth: new ones, and those whose online state was lost.',
    registers,
  });
  for (const side of SIDES) freshness.zero({ side });

  return {
    onVisible(side, behaviours) {
      const visibleAtMs = nowMs();
      for (const { loggedAtMs } of behaviours) {
        // Two machines' clocks: a negative time says nothing but that they differ.
        if (loggedAtMs !== undefined) {
          freshness.observe({ side }, Math.max(0, visibleAtMs - loggedAtMs) / 1_000);
        }
      }
    },
    onBuilt: (partitions) => built.inc(partitions),
    show({ lastSeq, peopleSeq, itemsSeq, partitionsOwned, partitionsUnready }) {
      owned.set(partitionsOwned);
      if (partitionsUnready === undefined) unready.remove();
      else unready.set(partitionsUnready);
      const seqs: Record<Side, number | undefined> = { people: peopleSeq, items: itemsSeq };
      for (const side of SIDES) {
        const seq = seqs[side];
        if (lastSeq === undefined || seq === undefined) lag.remove({ side });
        else lag.set({ side }, Math.max(0, lastSeq - seq));
      }
    },
  };
}
