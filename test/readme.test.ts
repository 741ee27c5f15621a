import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import {
  type Client,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readMarked } from '../benchmarks/quality/markedSection.js';
import { qualityTable } from '../benchmarks/quality/qualityTable.js';
import { readResults } from '../benchmarks/quality/results.js';
import { createApp } from '../src/app.js';
import { exitCodesHelp } from '../src/cli/exitCodes.js';
import { runTagRank } from '../src/cli/runTagRank.js';
import { SETTINGS } from '../src/config.js';
import { BEHAVIOUR_TYPES } from '../src/core/vocabulary.js';
import { TABLES } from '../src/importing/tables.js';
import { createLogger } from '../src/logger.js';
import { createServer } from '../src/server/createServer.js';

const inProject = (path: string) => new URL(`../${path}`, import.meta.url).pathname;
const README = readFileSync(inProject('README.md'), 'utf8');
const PROTOS = ['behaviour', 'catalog', 'recommendation', 'tag', 'touch', 'user'].map((name) =>
  inProject(`proto/tagrank/v1/${name}.proto`),
);

/** The cells of the rows below the header that begins so. */
function tableUnder(header: string): string[][] {
  const lines = README.slice(README.indexOf(`| ${header} |`)).split('\n');
  const rows = lines.slice(
    2,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return rows.map((row) => row.slice(2, -2).split(' | '));
}

describe('the README', () => {
  it('lists every setting with its unit, default and meaning', () => {
    expect(tableUnder('setting | unit | default | meaning')).toEqual(
      Object.values(SETTINGS).map((setting) => [
        `\`${setting.name}\``,
        setting.unit,
        setting.default === '' ? '–' : `\`${setting.default}\``,
        setting.meaning,
      ]),
    );
  });

  it('lists the commands of the command line, and how they end', async () => {
    let help = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        help += String(chunk);
        done();
      },
    });
    await runTagRank(['--help'], {
      env: {},
      stdout: stream,
      stderr: stream,
      stopRequested: () => new Promise(() => {}),
    });
    const commands = [...help.matchAll(/^ {2}([a-z]+) .*(?:\n {20,}.*)*/gm)].map(([, name]) => name);
    const listed = tableUnder('command | what it does').map(([cell]) => cell?.split(/[ `]+/)[2]);
    expect(listed).toEqual(commands.filter((name) => name !== 'tagrank' && name !== 'help'));
    const codes = tableUnder('exit code | meaning').map(([code, meaning]) => `  ${code}  ${meaning}`);
    expect(['Exit codes:', ...codes].join('\n')).toBe(exitCodesHelp([0, 1, 2, 3]));
  });

  it('names the columns of the import form, the required ones in bold', () => {
    const columns = Object.entries(TABLES).map(([table, { columns, required }]) => [
      `\`${table}.csv\``,
      columns.map((column) => (required.includes(column) ? `**${column}**` : column)).join(', '),
    ]);
    expect(tableUnder('file | columns')).toEqual(columns);
    expect(README).toContain(`one of ${BEHAVIOUR_TYPES.map((type) => `\`${type}\``).join(', ')}.`);
  });

  it('names every RPC that comes with later work, and no other', () => {
    const later = PROTOS.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/((?: {2}\/\/.*\n)+) {2}rpc (\w+)\(/g)]
        .filter(([, comment]) => comment?.includes('UNIMPLEMENTED'))
        .map(([, , name]) => `\`${name}\``),
    );
    expect(later.length).toBeGreaterThan(0);
    expect(README).toContain(`answer \`UNIMPLEMENTED\`: ${later.join(', ')}.`);
  });

  it('shows the table that the committed results give', () => {
    const table = qualityTable(readResults(inProject('benchmarks/results/quality')));
    expect(readMarked(README, 'quality')).toBe(table);
  });

  it('gives two commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npm (?:run ([a-z:-]+)|(test|start))/g)].map(
      ([, run, word]) => run ?? word,
    );
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'start', 'benchmark:quality']));
    for (const name of named) expect(scripts).toHaveProperty([name as string]);
  });

  it('links to files that are there', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path as string);
    expect(links.length).toBeGreaterThan(5);
    // The model is made by `npm run train`.
    for (const path of links.filter((link) => !link.startsWith('models/default'))) {
      expect(() => readFileSync(inProject(path))).not.toThrow(/ENOENT/);
    }
  });
});

describe('the calls with grpcurl in the README', () => {
  it('answer what the README says', async () => {
    const ask = await startServer();
    const calls = [
      ...readMarked(README, 'grpcurl').matchAll(/-d '([\s\S]*?\})'[\s\\]+\S+ (tagrank\.v1\.\w+)\/(\w+)/g),
    ].map(([, json, service, method]) => ({
      service: service as string,
      method: method as string,
      body: JSON.parse((json as string).replace(/'\$\(date -u \+%FT%TZ\)'/, 'NOW')) as object,
    }));
    expect(calls.map(({ method }) => method)).toEqual(['UpsertProducts', 'Track', 'Rank', 'CanTouch']);
    const answers: Answer[] = [];
    for (const call of calls) answers.push(await ask(call));
    const [upserted, tracked, ranked, allowed] = answers;
    expect(upserted?.acceptedCount).toBe(3);
    expect(tracked?.acceptedCount).toBe(1);
    expect(allowed?.decision?.kind).toBe('DECISION_KIND_ALLOW');
    const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(README)?.[1] ?? '') as { items: object[] };
    expect(ranked?.items).toMatchObject(shown.items);
  });
});

interface Answer {
  readonly acceptedCount?: number;
  readonly items?: readonly object[];
  readonly decision?: { readonly kind: string };
}

/** A server that knows nothing, and how to ask it in JSON; both end with the test. */
async function startServer() {
  const logger = createLogger({ level: 'silent' });
  const app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, log: logger });
  const server = createServer({ useCases: app.useCases, logger });
  const address = await server.start('127.0.0.1:0');
  const definition = loadSync(PROTOS, { includeDirs: [inProject('proto')], enums: String, longs: Number });
  const { tagrank } = loadPackageDefinition(definition) as unknown as {
    tagrank: { v1: Record<string, ServiceClientConstructor> };
  };
  const clients: Client[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.close();
    await server.stop();
    await app.close();
  });
  return async function ask(call: { service: string; method: string; body: object }): Promise<Answer> {
    const Service = tagrank.v1[call.service.replace('tagrank.v1.', '')] as ServiceClientConstructor;
    const client = new Service(address, credentials.createInsecure());
    clients.push(client);
    const body = camelCased(call.body);
    return new Promise((resolve, reject) => {
      const method = client[call.method] as (
        body: object,
        done: (error: unknown, answer: Answer) => void,
      ) => void;
      method.call(client, body, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  };
}

/** As grpcurl reads it: names in snake_case, and a time in words. */
function camelCased(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    if (inner === 'NOW') return { seconds: Math.floor(Date.now() / 1_000), nanos: 0 };
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const named = Object.entries(inner).map(([name, each]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      each,
    ]);
    return Object.fromEntries(named) as object;
  }) as object;
}
