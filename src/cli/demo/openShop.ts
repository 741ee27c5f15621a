import { join } from 'node:path';
import { createApp } from '../../app.js';
import type { Behaviour } from '../../behaviour/behaviour.js';
import { systemClock } from '../../core/time.js';
import { importFolder } from '../../importing/importFolder.js';
import type { ImportReport } from '../../importing/importReport.js';
import { type ProgressBar, showImport } from '../../importing/progressBar.js';
import { createLogger } from '../../logger.js';
import { createClient, type TagRankClient } from '../../server/client.js';
import { createServer } from '../../server/createServer.js';
import { appSinks } from '../appSinks.js';
import { packagePath } from '../options.js';
import { DemoClock } from './demoClock.js';

/** Where the bundled shoppers live: every household of the data has this time zone. */
export const SHOP_TIME_ZONE = 'America/New_York';
/** The last receipt is of a late evening; the demo opens the next morning. */
const OPENING = { hourUtc: 15 };

/** A served TagRank with the bundled data in it. */
export interface OpenShop {
  readonly client: TagRankClient;
  readonly clock: DemoClock;
  readonly address: string;
  readonly modelVersion: string | undefined;
  readonly report: ImportReport;
  close(): Promise<void>;
}

/** Imports the bundled data into `folder`, and serves it on a free port. */
export async function openShop(options: {
  folder: string;
  modelManifest: string;
  bar: ProgressBar;
}): Promise<OpenShop> {
  const { folder, bar } = options;
  const clock = new DemoClock(systemClock.nowMs());
  const app = await createApp({
    dataDir: join(folder, 'data'),
    modelManifest: options.modelManifest,
    maxCandidates: 2_000,
    clock,
    log: { info: () => {}, warn: () => {} },
  });
  const sinks = await appSinks(app);
  let newestMs = 0;
  const behaviours = async (batch: readonly Behaviour[]) => {
    for (const { occurredAtMs } of batch) newestMs = Math.max(newestMs, occurredAtMs);
    return sinks.behaviours(batch);
  };
  const report = await importFolder({
    dir: packagePath('data/completejourney'),
    rejectsDir: join(folder, 'rejects'),
    sinks: { ...sinks, behaviours },
    onProgress: showImport(bar),
  });
  bar.stop();
  clock.moveTo(morningAfter(newestMs));

  const server = createServer({ useCases: app.useCases, logger: createLogger({ level: 'silent' }) });
  const address = await server.start('127.0.0.1:0');
  const client = createClient(address);
  await client.ready();
  // The import came after the start: nobody in the demo should wait for the first page's boards.
  await client.rank({ userId: 'warm-up', pageSize: 1 });
  return {
    client,
    clock,
    address,
    modelVersion: app.modelVersion(),
    report,
    async close() {
      client.close();
      await server.stop();
      await app.close();
    },
  };
}

function morningAfter(atMs: number): number {
  const morning = new Date(atMs);
  morning.setUTCHours(OPENING.hourUtc, 0, 0, 0);
  if (morning.getTime() <= atMs) morning.setUTCDate(morning.getUTCDate() + 1);
  return morning.getTime();
}
