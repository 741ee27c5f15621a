import { readFile } from 'node:fs/promises';
import { type BehaviourWeights, STARTING_WEIGHTS } from '../behaviour/weights.js';
import { parseBehaviourWeights } from '../behaviour/weightsFile.js';
import { type Config, ConfigError, SETTINGS } from '../config.js';
import { InvalidInputError } from '../core/errors.js';

/**
 * The weights that the settings name, or else the starting ones; see `parseBehaviourWeights` for the file's form.
 *
 * @throws ConfigError naming the setting, the file and every problem in it at once
 */
export async function readBehaviourWeights({
  behaviourWeightsFile: path,
}: Pick<Config, 'behaviourWeightsFile'>): Promise<BehaviourWeights> {
  if (path === undefined) return STARTING_WEIGHTS;
  const setting = SETTINGS.behaviourWeightsFile.name;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([`${setting} must name a file that can be read: ${(cause as Error).message}`]);
  }
  try {
    return parseBehaviourWeights(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigError(
      error.violations.map(({ field, rule }) => `${setting} (${path}): ${field}: ${rule}`),
    );
  }
}
