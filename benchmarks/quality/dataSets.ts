import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A data set that quality is measured on. */
export interface QualitySet {
  /** Names its folder and its results. */
  readonly name: string;
  /** RFC 3339: what lies before it is known, what lies after it is to be foretold. */
  readonly splitAt: string;
  /** Shipped with the project; the others are development sets that may not be redistributed. */
  readonly bundled?: true;
}

/** In the order of the README's table. */
export const QUALITY_SETS: readonly QualitySet[] = [
  { name: 'completejourney', splitAt: '2017-12-01T00:00:00Z', bundled: true },
  { name: 'jd', splitAt: '2018-03-02T10:00:00Z' },
  { name: 'olist', splitAt: '2018-05-30T00:00:00Z' },
  { name: 'retailrocket', splitAt: '2015-08-15T00:00:00Z' },
  { name: 'taobao', splitAt: '2017-12-02T00:00:00Z' },
  { name: 'uci', splitAt: '2011-11-01T00:00:00Z' },
];

/** The folder of a set, or undefined when this machine does not have it. */
export function folderOf(
  { name, bundled }: QualitySet,
  { root, developmentSets }: { root: string; developmentSets: string },
): string | undefined {
  const folder = bundled ? resolve(root, 'data', name) : resolve(root, developmentSets, name);
  return existsSync(folder) ? folder : undefined;
}
