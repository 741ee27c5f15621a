import { readFile } from 'node:fs/promises';
import { ConfigError, SETTINGS } from '../config.js';
import { InvalidInputError } from '../core/errors.js';
import type { FairnessPolicy } from '../fairness/fairnessPolicy.js';
import { parseFairnessPolicy } from '../fairness/parseFairnessPolicy.js';

/**
 * The fairness policy of a YAML or JSON file; see `parseFairnessPolicy` for its form.
 *
 * @throws ConfigError naming the setting, the file and every problem in it at once
 */
export async function readFairnessPolicy(path: string): Promise<FairnessPolicy> {
  const setting = SETTINGS.fairnessPolicyFile.name;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([`${setting} must name a file that can be read: ${(cause as Error).message}`]);
  }
  try {
    return parseFairnessPolicy(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError(
      error.violations.map(({ field, rule }) => `${setting} (${path}): ${field}: ${rule}`),
    );
  }
}
