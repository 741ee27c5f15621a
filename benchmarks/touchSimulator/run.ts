import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Contest, type Duel, meanOf, type PolicyResult, runContests } from './contest.js';
import { DEFAULT_PER_DAY } from './policies.js';
import { simulatorPlot } from './simulatorPlot.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface RunSettings {
  readonly seeds: string;
  readonly people: string;
  readonly days: string;
  readonly costs: string;
  readonly riskPower: string;
  readonly out: string;
}

const command = new Command('npm run benchmark:touch-simulator --')
  .description(
    'Synthetic people (hiddenPerson.ts) under fixed caps, the learned budget and an oracle: opens, unsubscribes, net value.',
  )
  .option('--seeds <number>', 'how many', '10')
  .option('--people <number>', 'of each seed', '300')
  .option('--days <number>', 'how long', '180')
  .option('--costs <list>', 'opens that an unsubscribe costs; the first is drawn', '60')
  .option('--risk-power <number>', 'how steeply annoyance rises with pressure', '2')
  .option('--out <path>', 'without extension', resolve(ROOT, 'benchmarks/results/touch-simulator'))
  .action(run);

async function run({ seeds, people, days, costs, riskPower, out }: RunSettings): Promise<void> {
  const settings = { people: Number(people), days: Number(days), riskPower: Number(riskPower) };
  const chosen = Array.from({ length: Number(seeds) }, (_, i) => i + 1);
  const contests = runContests(
    { ...settings, seeds: chosen, costs: costs.split(',').map(Number) },
    ({ name }, cost) => console.log(`simulated: ${name}${cost === undefined ? '' : `, cost ${cost}`}`),
  );
  for (const { unsubscribeCost, policies, duels } of contests) {
    console.log(`\nAn unsubscribe costs ${unsubscribeCost} opens:`);
    for (const policy of policies) console.log(lineOf(policy, settings.people));
    for (const duel of duels) console.log(duelLine(duel));
  }
  writeFileSync(`${out}.json`, `${JSON.stringify(resultOf(contests, { ...settings, chosen }), null, 2)}\n`);
  const [first] = contests;
  if (first === undefined) return;
  const title = `${chosen.length} seeds of ${people} people over ${days} days; a point a seed, lines and levels their means`;
  writeFileSync(`${out}.svg`, await simulatorPlot(first, title));
}

/** No date and no machine: the same code and seeds give the same file. */
function resultOf(
  contests: readonly Contest[],
  { chosen, ...size }: { chosen: number[]; people: number; days: number; riskPower: number },
) {
  return {
    kind: 'simulation of synthetic people, benchmarks/touchSimulator/hiddenPerson.ts',
    seeds: chosen,
    ...size,
    defaultPerDay: DEFAULT_PER_DAY,
    contests: contests.map(({ unsubscribeCost, duels, policies }) => ({
      unsubscribeCost,
      duels,
      policies: policies.map((policy) => ({
        ...summary(policy, size.people),
        netBySeed: policy.nets.map(rounded),
      })),
    })),
  };
}

function summary({ name, bySeed, nets }: PolicyResult, people: number) {
  return {
    name,
    net: rounded(meanOf(nets)),
    sends: rounded(meanOf(bySeed.map(({ sends }) => sends)) / people),
    opens: rounded(meanOf(bySeed.map(({ opens }) => opens)) / people),
    unsubscribedRatio: rounded(meanOf(bySeed.map(({ unsubscribes }) => unsubscribes)) / people),
  };
}

function lineOf(policy: PolicyResult, people: number): string {
  const { name, net, sends, opens, unsubscribedRatio } = summary(policy, people);
  const figure = (value: number, digits: number) => value.toFixed(digits).padStart(8);
  return `${name.padEnd(30)} net${figure(net, 2)}  sends${figure(sends, 1)}  opens${figure(opens, 1)}  unsubscribed${figure(100 * unsubscribedRatio, 1)} %`;
}

function duelLine({ learned, against, wins, seeds, learnedNet, bestFixedNet, oracleNet }: Duel): string {
  return `${learned} beats ${against} in ${wins} of ${seeds} seeds: ${learnedNet.toFixed(2)} to ${bestFixedNet.toFixed(2)}, oracle ${oracleNet.toFixed(2)}`;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

await command.parseAsync(process.argv.slice(3), { from: 'user' });
