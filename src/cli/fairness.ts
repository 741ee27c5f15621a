import { Command } from 'commander';
import { createClient, type FairnessArm, type GetFairnessResponse, toEpochMs } from '../server/client.js';
import { type CommandLine, writeLines } from './commandLine.js';
import { EXIT, exitCodesHelp } from './exitCodes.js';

const DEFAULT_SERVER = '127.0.0.1:50051';
/** A day of lists is summed in the database. */
const DEADLINE_MS = 120_000;
const HOUR_MS = 3_600_000;

interface FairnessSettings {
  readonly server: string;
  readonly hours: string;
}

export function fairnessCommand(line: CommandLine): Command {
  const fairness = new Command('fairness')
    .description('Look at how a running server shares exposure between shops.')
    .helpCommand(false);
  fairness.addCommand(
    new Command('report')
      .description('What the boost did, beside users who see none of it, and where its loop stands.')
      .option('--server <host:port>', 'a running server', DEFAULT_SERVER)
      .option('--hours <hours>', 'how far back to look, up to 744', '24')
      .addHelpText(
        'after',
        `
Shares are of exposure: of places, the first counting most. The tail are the shops outside the smallest set that
holds most of what shops win by themselves, about 80 % of them.

Examples:
  tagrank fairness report
  tagrank fairness report --server 127.0.0.1:50051 --hours 168

${exitCodesHelp([0, 1, 2])}`,
      )
      .action((settings: FairnessSettings) => report(line, settings)),
  );
  return fairness;
}

async function report(line: CommandLine, { server, hours }: FairnessSettings): Promise<void> {
  const windowMs = Math.round(Number(hours) * HOUR_MS);
  if (!Number.isSafeInteger(windowMs) || windowMs <= 0) {
    writeLines(line.stderr, [`error: --hours must be a number above 0, not ${hours}`]);
    return line.end(EXIT.badUsage);
  }
  const client = createClient(server, { deadlineMs: DEADLINE_MS });
  try {
    writeLines(line.stdout, linesOf(await client.getFairness({ windowMs: BigInt(windowMs) })));
    line.end(EXIT.ok);
  } catch (error) {
    writeLines(line.stderr, [`error: ${server}: ${(error as Error).message}`]);
    line.end(EXIT.failed);
  } finally {
    client.close();
  }
}

type Row = readonly [name: string, value: (arm: FairnessArm) => string];

const ROWS: readonly Row[] = [
  ['lists', ({ pageCount }) => `${pageCount}`],
  ['of them with something to boost', ({ boostedPageCount }) => `${boostedPageCount}`],
  ['tail share of impressions', ({ tailShareOfImpressionsRatio }) => percent(tailShareOfImpressionsRatio)],
  ['clicks a list', ({ clickCount, pageCount }) => perPage(clickCount, pageCount)],
  ['tail share of clicks', ({ tailShareOfClicksRatio }) => percent(tailShareOfClicksRatio)],
  ['orders a list', ({ orderCount, pageCount }) => perPage(orderCount, pageCount)],
  ['tail share of orders', ({ tailShareOfOrdersRatio }) => percent(tailShareOfOrdersRatio)],
  ['Gini of exposure over shops', ({ giniRatio }) => giniRatio.toFixed(3)],
  ['shops with any exposure', ({ coverageRatio }) => percent(coverageRatio)],
  ['exposure ÷ merit, tail', ({ tailExposureToMeritRatio }) => tailExposureToMeritRatio.toFixed(2)],
  ['exposure ÷ merit, head', ({ headExposureToMeritRatio }) => headExposureToMeritRatio.toFixed(2)],
  ['relevance lost', ({ lostRelevanceRatio }) => percent(lostRelevanceRatio)],
  ['relevance lost by the dearest list', ({ mostLostRelevanceRatio }) => percent(mostLostRelevanceRatio)],
];

function linesOf(answer: GetFairnessResponse): string[] {
  const { loop, boosted, heldOut } = answer;
  const lines = [`lists from ${timeOf(answer.from)} through ${timeOf(answer.through)}`, ''];
  if (boosted !== undefined && heldOut !== undefined) {
    lines.push(row('', 'boosted', `held out (${percent(answer.heldOutRatio)})`));
    for (const [name, value] of ROWS) lines.push(row(name, value(boosted), value(heldOut)));
    lines.push(`a list may lose ${percent(answer.pageBudgetRatio)} of its relevance`, '');
  }
  if (loop === undefined || loop.steppedAt === undefined)
    return [...lines, 'the loop has not made a step yet'];
  const { tailShareRatio, targetTailShareRatio, naturalTailShareRatio } = loop;
  return [
    ...lines,
    `the tail gets ${percent(tailShareRatio)} of exposure, is to get ${percent(targetTailShareRatio)}, and alone would win ${percent(naturalTailShareRatio)}`,
    loop.enabled
      ? `its boost is ${loop.boost.toFixed(3)} (learned: ${loop.integral.toFixed(3)}); budgets let ${percent(loop.deliveredRatio)} of it through`
      : 'the policy turns fairness off: nothing is boosted',
    `${loop.pages.toFixed(0)} lists are remembered; ${loop.headShopCount} shops are head, ${loop.pricedShopCount} pay, ${loop.newShopCount} new ones are owed exposure`,
    `step ${loop.version}, at ${timeOf(loop.steppedAt)}`,
  ];
}

function row(name: string, ...values: readonly string[]): string {
  return `${name.padEnd(36)}${values.map((value) => value.padStart(20)).join('')}`;
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

function perPage(count: bigint, pages: bigint): string {
  return pages === 0n ? '–' : (Number(count) / Number(pages)).toFixed(4);
}

function timeOf(at: Parameters<typeof toEpochMs>[0]): string {
  return new Date(toEpochMs(at) ?? 0).toISOString().slice(0, 19).replace('T', ' ');
}
