import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import type { EpochMs } from '../core/time.js';
import { parseRfc3339 } from '../importing/rfc3339.js';

/** Parsers of option values: what they throw, commander tells with the name of the option. */

/** A whole number from `min`. */
export function wholeNumber(min: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isSafeInteger(number) || number < min) {
      throw new InvalidArgumentError(`It must be a whole number from ${min}.`);
    }
    return number;
  };
}

/** A number above 0. */
export function positiveNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return number;
}

/** An RFC 3339 time, or a date: its first moment in UTC. */
export function moment(value: string): EpochMs {
  const atMs = parseRfc3339(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  if (atMs === undefined) {
    throw new InvalidArgumentError('It must be a date or RFC 3339 time such as 2017-12-01T00:00:00Z.');
  }
  return atMs;
}

/** A file or folder of this package, whether run from `src/` or `dist/`. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The name of a folder as a part of file names and versions. */
export function folderName(dir: string): string {
  return basename(resolve(dir))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
