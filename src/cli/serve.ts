import { Command } from 'commander';
import type { Logger } from 'pino';
import { type App, createApp } from '../app.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { weightsFingerprint } from '../behaviour/weightsFingerprint.js';
import { type Config, readConfig, SETTINGS, type Setting } from '../config.js';
import { FailedPreconditionError } from '../core/errors.js';
import { systemClock } from '../core/time.js';
import { DEFAULT_FAIRNESS_POLICY } from '../fairness/fairnessPolicy.js';
import { createLogger } from '../logger.js';
import { createMetrics, type Metrics } from '../metrics/metrics.js';
import { type MetricsEndpoint, serveMetrics } from '../metrics/metricsEndpoint.js';
import { createServer } from '../server/createServer.js';
import type { CommandLine } from './commandLine.js';
import { enginesOf } from './engines.js';
import { EXIT, type ExitCode, exitCodesHelp } from './exitCodes.js';
import { readBehaviourWeights } from './readBehaviourWeights.js';
import { readFairnessPolicy } from './readFairnessPolicy.js';
import { readTouchPolicy } from './readTouchPolicy.js';
import { watchTruth } from './watchTruth.js';

/** How long the start may be silent while the log is replayed. */
const REPLAY_WORD_EVERY_MS = 2_000;

export function serveCommand(line: CommandLine): Command {
  return new Command('serve')
    .description('Serve the gRPC contract until SIGTERM or SIGINT, then finish what is in flight.')
    .addHelpText(
      'after',
      `
Settings (environment variables):
${settingsHelp()}

Examples:
  tagrank serve
  TAGRANK_LISTEN=0.0.0.0:50051 TAGRANK_DATA_DIR=/var/lib/tagrank tagrank serve
  TAGRANK_LISTEN=127.0.0.1:0 tagrank serve      a free port, told by the "listening" line

Logs are JSON lines on standard output; \`"msg":"listening"\` says that it is ready, and where.

${exitCodesHelp([0, 1, 2])}`,
    )
    .action(async () => line.end(await serve(line)));
}

async function serve(line: CommandLine): Promise<ExitCode> {
  const config = readConfig(line.env);
  const touchPolicy =
    config.touchPolicyFile === undefined ? undefined : await readTouchPolicy(config.touchPolicyFile);
  const weights = await readBehaviourWeights(config);
  const fairness =
    config.fairnessPolicyFile === undefined
      ? DEFAULT_FAIRNESS_POLICY
      : await readFairnessPolicy(config.fairnessPolicyFile);
  const logger = createLogger({ level: config.logLevel });
  const metrics = config.metricsListen === undefined ? undefined : createMetrics(systemClock);
  const stop = line.stopRequested();
  const starting = createApp({
    dataDir: config.dataDir,
    engines: enginesOf(config),
    modelManifest: config.modelManifest,
    touchPolicy,
    weights,
    fairness,
    maxCandidates: config.maxCandidates,
    log: logger,
    observer: metrics,
    onReplay: replayWords(logger),
  });
  const app = await Promise.race([starting, stop.then(() => undefined)]);
  if (app === undefined) {
    // Nothing was promised to anybody yet, and the truth bears being left at any moment.
    logger.info('stopped before it was ready');
    return EXIT.ok;
  }
  return answerUntil({ stop, app, config, weights, logger, metrics });
}

async function answerUntil(options: {
  stop: Promise<NodeJS.Signals>;
  app: App;
  config: Config;
  weights: BehaviourWeights;
  logger: Logger;
  /** There exactly when the settings say where to serve them. */
  metrics: Metrics | undefined;
}): Promise<ExitCode> {
  const { app, config, logger, metrics } = options;
  const useCases = metrics?.measure(app.useCases) ?? app.useCases;
  const server = createServer({ useCases, logger, onCall: metrics?.onCall });
  let endpoint: MetricsEndpoint | undefined;
  let address: string;
  try {
    endpoint = await serveFigures(options);
    address = await bound({ setting: SETTINGS.listen, address: config.listen }, server.start);
  } catch (error) {
    await endpoint?.stop();
    await app.close();
    throw error;
  }
  // A PostgreSQL server that is away comes back, and meanwhile much can be answered without it.
  const watch = config.engines === undefined ? watchTruth(app.truth) : undefined;
  const mode =
    config.engines === undefined ? { mode: 'embedded', dataDir: config.dataDir } : { mode: 'engines' };
  const metricsAddress = endpoint?.address;
  const told = {
    modelVersion: app.modelVersion() ?? null,
    behaviourWeights: weightsFingerprint(options.weights),
  };
  logger.info({ address, metricsAddress, ...mode, ...told }, 'listening');
  const ending = await Promise.race([options.stop, ...(watch === undefined ? [] : [watch.dead])]);
  watch?.stop();
  if (ending instanceof Error) {
    logger.fatal({ err: ending }, 'the truth is dead');
    await server.stop({ graceMs: 0 });
    return EXIT.failed;
  }
  logger.info({ signal: ending }, 'stopping');
  await server.stop();
  await endpoint?.stop();
  await app.close();
  logger.info('stopped');
  return EXIT.ok;
}

async function serveFigures({
  app,
  config,
  metrics,
}: Pick<Parameters<typeof answerUntil>[0], 'app' | 'config' | 'metrics'>): Promise<
  MetricsEndpoint | undefined
> {
  if (metrics === undefined || config.metricsListen === undefined) return undefined;
  return bound({ setting: SETTINGS.metricsListen, address: config.metricsListen }, (address) =>
    serveMetrics(address, {
      contentType: metrics.contentType,
      text: async () => metrics.text(await app.progress()),
    }),
  );
}

/** Begins to listen; says which setting to change where that fails. */
async function bound<Result>(
  { setting, address }: { setting: Setting; address: string },
  listen: (address: string) => Promise<Result>,
): Promise<Result> {
  try {
    return await listen(address);
  } catch (cause) {
    throw new FailedPreconditionError(
      `cannot listen on ${address}: is the port taken? ${setting.name} names another`,
      { cause },
    );
  }
}

/** A line every few seconds, so that a long start is seen to move. */
function replayWords(logger: Logger): (done: number, total: number) => void {
  let saidMs = performance.now();
  return (done, total) => {
    const nowMs = performance.now();
    if (nowMs - saidMs < REPLAY_WORD_EVERY_MS) return;
    saidMs = nowMs;
    logger.info({ done, total }, 'replaying behaviours');
  };
}

function settingsHelp(): string {
  const settings = Object.values(SETTINGS);
  const width = Math.max(...settings.map(({ name }) => name.length));
  return settings
    .map(({ name, default: fallback, meaning }) => {
      const unless = fallback === '' ? '' : ` [${fallback}]`;
      return `  ${name.padEnd(width)}  ${meaning}${unless}`;
    })
    .join('\n');
}
