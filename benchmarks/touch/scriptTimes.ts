import { Redis } from 'ioredis';

/** How long scripts kept Redis from everybody else, by its own clock. */
export interface ScriptTimes {
  readonly scripts: number;
  readonly medianMicros: number;
  readonly p99Micros: number;
  readonly longestMicros: number;
  /** On a machine that is shared, these are also those in which Redis had to wait for the processor. */
  readonly overOneMillisecond: number;
  readonly overTwoMilliseconds: number;
}

const SLOW_MICROS = 1_000;
/** More than there are scripts in a run of any size: nothing falls out of the log. */
const SLOW_KEPT = 1_000_000;

/**
 * Work, and the scripts that one Redis ran meanwhile. A caller that measures its own waiting measures itself and
 * the machine as well: 25 ms at the p99 of a PING, where that of scripts was a tenth of one.
 */
export async function scriptTimesOf<Result>(
  redisUrl: string,
  work: () => Promise<Result>,
): Promise<[Result, ScriptTimes]> {
  const admin = new Redis(redisUrl);
  try {
    await admin.config('SET', 'latency-tracking-info-percentiles', '50 99 100');
    await admin.config('SET', 'slowlog-log-slower-than', SLOW_MICROS);
    await admin.config('SET', 'slowlog-max-len', SLOW_KEPT);
    await admin.config('RESETSTAT');
    await admin.slowlog('RESET');
    const result = await work();
    const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'));
    const percentiles = /percentiles_usec_evalsha:p50=([\d.]+),p99=([\d.]+),p100=([\d.]+)/.exec(
      await admin.info('latencystats'),
    );
    const slow = ((await admin.slowlog('GET', SLOW_KEPT)) as SlowCommand[])
      .filter(([, , , [name]]) => name?.toLowerCase() === 'evalsha')
      .map(([, , micros]) => micros);
    const [median = 0, p99 = 0, longest = 0] = (percentiles ?? []).slice(1).map(Number);
    return [
      result,
      {
        scripts: Number(calls?.[1] ?? 0),
        medianMicros: median,
        p99Micros: p99,
        longestMicros: longest,
        overOneMillisecond: slow.length,
        overTwoMilliseconds: slow.filter((micros) => micros > 2 * SLOW_MICROS).length,
      },
    ];
  } finally {
    admin.disconnect();
  }
}

/** Its number, when it was run, how long it took, and its words. */
type SlowCommand = [number, number, number, string[]];
