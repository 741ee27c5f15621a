import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { InvalidInputError } from '../core/errors.js';
import { readManifest } from '../inference/manifest.js';
import {
  createClient,
  type KeptModel,
  type ListModelsResponse,
  ModelRole,
  type TagRankClient,
  toEpochMs,
} from '../server/client.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, exitCodesHelp } from './exitCodes.js';

const DEFAULT_SERVER = '127.0.0.1:50051';
/** What ends a shadow instead of naming one. */
const NONE = 'none';
/** A model is proved before it is kept: golden scores, and a file of some megabytes on the way. */
const DEADLINE_MS = 60_000;

interface ModelSettings {
  readonly server: string;
  readonly by: string;
  readonly note: string;
}

/** Does something at a server; answers what to print. */
type Work<Args extends readonly string[]> = (
  client: TagRankClient,
  settings: ModelSettings,
  ...args: Args
) => Promise<readonly string[]>;

export function modelCommand(line: CommandLine): Command {
  const model = new Command('model')
    .description('Add ranking models to a running server, and say which one ranks.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
A model is kept in the truth, and is active at every server within a second. It is refused where it does not fit
the features of this version or does not give its own golden scores. One that fails, is slow, or that people choose
less from is taken back by itself; \`tagrank model list\` says so.

Examples:
  tagrank train --data ./data --out ./models/mine
  tagrank model add ./models/mine/manifest.json
  tagrank model shadow mine-2024-05-01-0a1b2c3d      compare it on live lists first
  tagrank model list                                 how far they agree
  tagrank model activate mine-2024-05-01-0a1b2c3d --note "more clicks in the shadow"
  tagrank model rollback

${exitCodesHelp([0, 1, 2])}`,
    );
  const at = (command: Command): Command =>
    command.option('--server <host:port>', 'a running server', DEFAULT_SERVER);
  const said = (command: Command): Command =>
    at(command).option('--by <name>', 'who says so', userName()).option('--note <text>', 'why', '');
  model.addCommand(
    at(
      new Command('list').description('Models that are kept, what ranks and watches, and who said so.'),
    ).action((settings: ModelSettings) => run(line, settings, list)),
  );
  model.addCommand(
    said(new Command('add').description('Keep a model; it does nothing yet.'))
      .argument('<manifest>', 'manifest.json as `tagrank train` writes it, the model beside it')
      .action((manifest: string, settings: ModelSettings) => run(line, settings, add, manifest)),
  );
  model.addCommand(
    said(new Command('activate').description('Rank by a model that was added.'))
      .argument('<version>', 'as `tagrank model list` names it')
      .action((version: string, settings: ModelSettings) => run(line, settings, activate, version)),
  );
  model.addCommand(
    said(new Command('shadow').description('Have a model score live lists beside the one that ranks.'))
      .argument('<version>', `as \`tagrank model list\` names it, or \`${NONE}\``)
      .action((version: string, settings: ModelSettings) => run(line, settings, shadow, version)),
  );
  model.addCommand(
    said(new Command('rollback').description('Rank by what was active before.')).action(
      (settings: ModelSettings) => run(line, settings, rollBack),
    ),
  );
  return model;
}

async function run<Args extends readonly string[]>(
  line: CommandLine,
  settings: ModelSettings,
  work: Work<Args>,
  ...args: Args
): Promise<void> {
  const client = createClient(settings.server, { deadlineMs: DEADLINE_MS });
  try {
    writeLines(line.stdout, await work(client, settings, ...args));
    line.end(EXIT.ok);
  } catch (error) {
    writeLines(line.stderr, [`error: ${settings.server}: ${(error as Error).message}`]);
    line.end(EXIT.failed);
  } finally {
    client.close();
  }
}

const add: Work<[string]> = async (client, { by: addedBy }, path) => {
  const manifest = await readManifest(path);
  const file = join(dirname(path), manifest.modelFile);
  const model = await readFile(file).catch((cause: Error) => {
    throw new InvalidInputError({ field: file, rule: `must be a file that can be read: ${cause.message}` });
  });
  const manifestJson = await readFile(path, 'utf8');
  const { version, added } = await client.addModel({ manifestJson, model, addedBy });
  return [added ? `${version} is kept` : `${version} was kept already`];
};

const activate: Work<[string]> = async (client, { by: setBy, note }, version) => {
  const { changed } = await client.activateModel({ version, setBy, note });
  return [changed ? `${version} ranks` : `${version} ranked already`];
};

const shadow: Work<[string]> = async (client, { by: setBy, note }, named) => {
  const version = named === NONE ? '' : named;
  const { changed } = await client.shadowModel({ version, setBy, note });
  if (version === '') return [changed ? 'no model watches any more' : 'no model watched'];
  return [changed ? `${version} watches` : `${version} watched already`];
};

const rollBack: Work<[]> = async (client, { by: setBy, note }) => {
  const { version } = await client.rollbackModel({ setBy, note });
  return [version === '' ? 'the model of the settings ranks' : `${version} ranks`];
};

const list: Work<[]> = async (client) => {
  const answer = await client.listModels({});
  const { activeVersion, configuredVersion, models, shadowAgreement, changes } = answer;
  const lines = [
    activeVersion === '' ? 'no model ranks (hand-set weights do)' : `${activeVersion} ranks`,
    configuredVersion === ''
      ? 'the settings name no model'
      : `${configuredVersion} is the model of the settings`,
  ];
  lines.push('', models.length === 0 ? 'no model was added' : 'added:');
  lines.push(...models.map((kept) => `  ${describe(kept, answer)}`));
  if (shadowAgreement !== undefined) {
    const { version, against, listCount, failureCount, meanMs } = shadowAgreement;
    lines.push(
      '',
      `${version} beside ${against}, at this server: ${listCount} lists, ${failureCount} failed, ${meanMs.toFixed(2)} ms each`,
      `  rank correlation ${shadowAgreement.rankCorrelation.toFixed(3)}, ten best shared ${(100 * shadowAgreement.topOverlapRatio).toFixed(0)} %, scores apart by ${shadowAgreement.scoreDifference.toFixed(4)}`,
    );
  }
  if (changes.length > 0) lines.push('', 'said, the latest first:');
  for (const { setAt, setBy, role, version, isRollback, note } of changes) {
    const what = role === ModelRole.SHADOW ? 'shadow' : isRollback ? 'rollback to' : 'activate';
    const which = version === '' ? (role === ModelRole.SHADOW ? NONE : 'the settings') : version;
    lines.push(`  ${timeOf(setAt)}  ${setBy}: ${what} ${which}${note === '' ? '' : ` (${note})`}`);
  }
  return lines;
};

function describe(
  { version, addedBy, addedAt, metrics }: KeptModel,
  { activeVersion, shadowVersion }: ListModelsResponse,
): string {
  const roles = [
    ...(version === activeVersion ? ['ranks'] : []),
    ...(version === shadowVersion ? ['watches'] : []),
  ];
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  const facts = [...roles, `added by ${addedBy} at ${timeOf(addedAt)}`, ...figures];
  return `${version}: ${facts.join(', ')}`;
}

function timeOf(at: Parameters<typeof toEpochMs>[0]): string {
  return new Date(toEpochMs(at) ?? 0).toISOString().slice(0, 19).replace('T', ' ');
}

/** Of whoever runs this; containers may run users without a name. */
function userName(): string {
  try {
    return userInfo().username || 'operator';
  } catch {
    return 'operator';
  }
}
