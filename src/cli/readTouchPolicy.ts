import { readFile } from 'node:fs/promises';
import { ConfigError, SETTINGS } from '../config.js';
import { InvalidInputError } from '../core/errors.js';
import { parseTouchPolicy } from '../touch/parseTouchPolicy.js';
import type { TouchPolicy } from '../touch/touchPolicy.js';

/**
 * The touch policy of a YAML or JSON file; see `parseTouchPolicy` for its form.
 *
 * @throws ConfigError naming the setting, the file and every problem in it at once
 */
export async function readTouchPolicy(path: string): Promise<TouchPolicy> {
  const setting = SETTINGS.touchPolicyFile.name;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([`${setting} must name a file that can be read: ${(cause as Error).message}`]);
  }
  try {
    return parseTouchPolicy(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError(
      error.violations.map(({ field, rule }) => `${setting} (${path}): ${field}: ${rule}`),
    );
  }
}
