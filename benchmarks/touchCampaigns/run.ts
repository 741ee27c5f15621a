import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCampaignTouches } from './campaignTouches.js';
import { type Foretelling, foretell } from './foretelling.js';
import { pressureRows } from './pressure.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Before each of the two great campaigns of the second half year. */
const SPLITS = ['2017-08-08', '2017-10-30'];

const touches = readCampaignTouches(resolve(ROOT, 'data/completejourney/campaigns.csv.gz'));
const pressure = pressureRows(touches);
const foretellings = SPLITS.map((day) => foretell(touches, Date.parse(`${day}T00:00:00Z`)));

console.log('Households written to more, by other campaigns in the 60 days before:');
console.table(pressure);
for (const each of foretellings) console.log(linesOf(each));
writeFileSync(
  resolve(ROOT, 'benchmarks/results/touch-campaigns.json'),
  `${JSON.stringify({ kind: 'records of data/completejourney/campaigns.csv.gz', pressure, foretellings }, null, 2)}\n`,
);

function linesOf({
  splitAt,
  earlierTouches,
  laterTouches,
  laterRedeemed,
  order,
  logLoss,
}: Foretelling): string {
  const orders = Object.entries(order).map(
    ([name, { auc, low, high }]) =>
      `  AUC by ${name} ${auc.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
  );
  return [
    `\nSplit at ${splitAt}: ${earlierTouches} touches before, ${laterTouches} after, ${laterRedeemed} of them redeemed`,
    ...orders,
    `  log-loss ${logLoss.learned.toFixed(4)} with p̂, ${logLoss.constant.toFixed(4)} with each type’s ratio alone`,
  ].join('\n');
}
