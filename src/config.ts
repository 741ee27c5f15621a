import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that can be set from outside, checked and frozen. */
export interface Config {
  /** Host and port to serve on; port 0 picks a free one. */
  readonly listen: string;
  readonly dataDir: string;
  /** The manifest of the model that scores. */
  readonly modelManifest: string;
  readonly logLevel: LogLevel;
  /** A JSON file with the touch policy; the shipped policy when absent. */
  readonly touchPolicyFile?: string;
  /** A YAML or JSON file with weights of behaviours; the starting weights when absent. */
  readonly behaviourWeightsFile?: string;
  /** A YAML or JSON file with the fairness policy; the shipped policy when absent. */
  readonly fairnessPolicyFile?: string;
  readonly maxCandidates: number;
  /** Host and port for figures over HTTP; none when absent. */
  readonly metricsListen?: string;
  /** Real engines; embedded mode when absent. */
  readonly engines?: {
    readonly redisUrl: string;
    readonly postgresUrl: string;
    readonly redisMinReplicas: number;
  };
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting as the README lists it. */
export interface Setting {
  readonly name: string;
  /** Unit or form of the value. */
  readonly unit: string;
  /** What holds when it is not set; empty when nothing does. */
  readonly default: string;
  readonly meaning: string;
}

/** All settings, in the order of the README's table, which is tested against this one. */
export const SETTINGS = {
  listen: {
    name: 'TAGRANK_LISTEN',
    unit: 'host:port',
    default: '127.0.0.1:50051',
    meaning: 'Where the gRPC server listens; port 0 picks a free one and logs it.',
  },
  dataDir: {
    name: 'TAGRANK_DATA_DIR',
    unit: 'directory',
    default: './.tagrank',
    meaning: 'Where embedded mode keeps the truth (PGlite); made when missing.',
  },
  modelManifest: {
    name: 'TAGRANK_MODEL',
    unit: 'file',
    default: 'models/default/manifest.json',
    meaning: 'Manifest of the model that scores; the default is found beside the program.',
  },
  logLevel: {
    name: 'TAGRANK_LOG_LEVEL',
    unit: LOG_LEVELS.join(', '),
    default: 'info',
    meaning: 'The least severe log lines to write (JSON, one a line, on standard output).',
  },
  touchPolicyFile: {
    name: 'TAGRANK_TOUCH_POLICY',
    unit: 'YAML or JSON file',
    default: '',
    meaning: 'Rules of touch control; the shipped policy when not set.',
  },
  behaviourWeightsFile: {
    name: 'TAGRANK_BEHAVIOUR_WEIGHTS',
    unit: 'YAML or JSON file',
    default: '',
    meaning:
      'What each type of behaviour weighs, and its half-life; the starting weights when not set. The same for all servers, `train` and `evaluate`.',
  },
  fairnessPolicyFile: {
    name: 'TAGRANK_FAIRNESS_POLICY',
    unit: 'YAML or JSON file',
    default: '',
    meaning:
      'How exposure is shared with the long tail, and what a page may give up for it; the shipped policy when not set, `enabled: false` turns it off.',
  },
  maxCandidates: {
    name: 'TAGRANK_MAX_CANDIDATES',
    unit: 'candidates, 1–20000',
    default: '2000',
    meaning: 'The most candidates that one `Rank` call may give.',
  },
  redisUrl: {
    name: 'TAGRANK_REDIS_URL',
    unit: 'URL',
    default: '',
    meaning:
      'The online store of people and touches: `redis://` or `rediss://` for one server, see below for a cluster. Needs TAGRANK_POSTGRES_URL; embedded mode without both.',
  },
  postgresUrl: {
    name: 'TAGRANK_POSTGRES_URL',
    unit: 'URL',
    default: '',
    meaning: 'The truth: a PostgreSQL server, 15 or later, `postgres://`. Needs TAGRANK_REDIS_URL.',
  },
  redisMinReplicas: {
    name: 'TAGRANK_REDIS_MIN_REPLICAS',
    unit: 'replicas, 0–5',
    default: '0',
    meaning:
      'Replicas that must hold a permit before it is given out; 1 or more keeps caps through a failover.',
  },
  metricsListen: {
    name: 'TAGRANK_METRICS_LISTEN',
    unit: 'host:port',
    default: '',
    meaning:
      'Where `/metrics` is served over HTTP, for Prometheus; port 0 picks a free one. Off when not set.',
  },
} as const satisfies Record<string, Setting>;

/** Settings that cannot be served with; `problems` holds one sentence for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings. Relative paths are resolved against the working directory, the default model
 * against the package. An empty value is as good as none.
 *
 * @throws ConfigError naming every bad setting at once
 */
export function readConfig(env: Environment = process.env): Config {
  const problems: string[] = [];
  const given = (setting: Setting): string | undefined => env[setting.name]?.trim() || undefined;
  const refuse = (setting: Setting, rule: string): void => {
    problems.push(`${setting.name} ${rule}, not ${JSON.stringify(given(setting))}`);
  };
  const existingFile = (setting: Setting): string | undefined => {
    const path = given(setting);
    if (path === undefined) return undefined;
    if (!existsSync(path)) refuse(setting, 'must name an existing file');
    return resolve(path);
  };

  const listen = given(SETTINGS.listen) ?? SETTINGS.listen.default;
  if (!isAddress(listen)) refuse(SETTINGS.listen, 'must be host:port with a port from 0 to 65535');

  const metricsListen = given(SETTINGS.metricsListen);
  if (metricsListen !== undefined && !isAddress(metricsListen)) {
    refuse(SETTINGS.metricsListen, 'must be host:port with a port from 0 to 65535');
  }

  const logLevel = given(SETTINGS.logLevel) ?? SETTINGS.logLevel.default;
  if (!isLogLevel(logLevel)) refuse(SETTINGS.logLevel, `must be one of ${LOG_LEVELS.join(', ')}`);

  const maxCandidates = Number(given(SETTINGS.maxCandidates) ?? SETTINGS.maxCandidates.default);
  if (!(Number.isInteger(maxCandidates) && maxCandidates >= 1 && maxCandidates <= 20_000)) {
    refuse(SETTINGS.maxCandidates, 'must be a whole number from 1 to 20000');
  }

  const touchPolicyFile = existingFile(SETTINGS.touchPolicyFile);
  const behaviourWeightsFile = existingFile(SETTINGS.behaviourWeightsFile);
  const fairnessPolicyFile = existingFile(SETTINGS.fairnessPolicyFile);
  const modelManifest = existingFile(SETTINGS.modelManifest) ?? packageFile(SETTINGS.modelManifest.default);
  const engines = readEngines(given, problems);

  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    listen,
    dataDir: resolve(given(SETTINGS.dataDir) ?? SETTINGS.dataDir.default),
    modelManifest,
    logLevel: logLevel as LogLevel,
    ...(touchPolicyFile !== undefined && { touchPolicyFile }),
    ...(behaviourWeightsFile !== undefined && { behaviourWeightsFile }),
    ...(fairnessPolicyFile !== undefined && { fairnessPolicyFile }),
    maxCandidates,
    ...(metricsListen !== undefined && { metricsListen }),
    ...(engines !== undefined && { engines }),
  });
}

/** The engines, when any is named. Their addresses may hold passwords: they are never repeated. */
function readEngines(given: (setting: Setting) => string | undefined, problems: string[]): Config['engines'] {
  const { redisUrl, postgresUrl, redisMinReplicas } = SETTINGS;
  const minReplicas = Number(given(redisMinReplicas) ?? redisMinReplicas.default);
  if (!(Number.isInteger(minReplicas) && minReplicas >= 0 && minReplicas <= 5)) {
    problems.push(`${redisMinReplicas.name} must be a whole number from 0 to 5`);
  }
  const [redis, postgres] = [given(redisUrl), given(postgresUrl)];
  if (redis === undefined && postgres === undefined) return undefined;
  if (redis === undefined) problems.push(`${redisUrl.name} must be set where ${postgresUrl.name} is`);
  else if (!/^(rediss?(\+cluster)?):\/\/\S+$/.test(redis)) {
    problems.push(`${redisUrl.name} must be a redis:// or rediss:// address`);
  }
  if (postgres === undefined) problems.push(`${postgresUrl.name} must be set where ${redisUrl.name} is`);
  else if (!/^postgres(ql)?:\/\/\S+$/.test(postgres)) {
    problems.push(`${postgresUrl.name} must be a postgres:// address`);
  }
  if (redis === undefined || postgres === undefined) return undefined;
  return { redisUrl: redis, postgresUrl: postgres, redisMinReplicas: minReplicas };
}

/** `host:port`, `[v6]:port`; the host may not be empty. */
function isAddress(value: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/.exec(value);
  return match !== null && Number(match[1]) <= 65_535;
}

function isLogLevel(value: string): value is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(value);
}

/** A file of this package, whether run from `src/` or `dist/`. */
function packageFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
