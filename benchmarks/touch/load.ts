import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { quantile } from '../../src/evaluation/quantile.js';

/** One call; `n` counts them, so that each can be for somebody else. */
export type Call = (n: number) => Promise<unknown>;

export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** So many callers, each with its next call as soon as the last is answered: calls a second. */
export async function throughputOf(
  call: Call,
  { callers, ms }: { callers: number; ms: number },
): Promise<number> {
  const startMs = performance.now();
  let begun = 0;
  let answered = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - startMs < ms) {
        begun += 1;
        await call(begun);
        answered += 1;
      }
    }),
  );
  return (answered * 1_000) / (performance.now() - startMs);
}

/**
 * Calls that arrive at a steady rate whether or not the ones before are answered, each measured from the
 * moment at which it was due: a stall is felt by all who come in it.
 */
export async function latencyAt(call: Call, load: { aSecond: number; ms: number }): Promise<Latency> {
  return latencyOf(await latenciesAt(call, load));
}

/** The same, each of them in milliseconds. */
export async function latenciesAt(
  call: Call,
  { aSecond, ms }: { aSecond: number; ms: number },
): Promise<number[]> {
  const latencies: number[] = [];
  const open = new Set<Promise<void>>();
  const startMs = performance.now();
  const calls = Math.floor((aSecond * ms) / 1_000);
  for (let n = 0; n < calls; n += 1) {
    const dueMs = startMs + (n * 1_000) / aSecond;
    await untilDue(dueMs);
    const answered: Promise<void> = call(n).then(() => {
      latencies.push(performance.now() - dueMs);
      open.delete(answered);
    });
    open.add(answered);
  }
  await Promise.all(open);
  return latencies;
}

/** Timers are right to a millisecond only, and a call may take less: the last two are waited for in turns. */
async function untilDue(dueMs: number): Promise<void> {
  const earlyMs = dueMs - performance.now();
  if (earlyMs > 2) await sleep(Math.floor(earlyMs) - 2);
  while (performance.now() < dueMs) await turn();
}

export function latencyOf(latencies: readonly number[]): Latency {
  const sorted = latencies.toSorted((a, b) => a - b);
  return { medianMs: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}
