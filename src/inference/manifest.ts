import { readFile } from 'node:fs/promises';
import { FailedPreconditionError } from '../core/errors.js';
import { BEHAVIOUR_TYPES, type BehaviourType } from '../core/vocabulary.js';

/** What stands beside a model and says what it may be used for. */
export interface ModelManifest {
  /** Names the model in answers. */
  readonly version: string;
  /** File name of the ONNX model, beside the manifest. */
  readonly modelFile: string;
  /** Of that file, hexadecimal. */
  readonly sha256: string;
  /** Columns of the input, in order. */
  readonly featureNames: readonly string[];
  /** `featureSchemaHash()` of the code that made the training matrix. */
  readonly featureSchemaHash: string;
  readonly inputName: string;
  readonly outputName: string;
  /** Rows with the scores that the model must give for them. */
  readonly golden: { readonly inputs: readonly (readonly number[])[]; readonly outputs: readonly number[] };
  /** What training measured on data that it had not seen. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The data that it saw. */
  readonly data: Readonly<Record<string, string | number>>;
  /** How many behaviours of each type were among them; absent in manifests of before it was kept. */
  readonly behaviourTypes?: Readonly<Record<string, number>>;
  /** `weightsFingerprint` of the weights of behaviours that it was fitted under; absent before they could be set. */
  readonly behaviourWeights?: string;
  readonly training: Readonly<Record<string, string | number>>;
}

/** Reads a manifest; throws `FailedPreconditionError` naming what is missing. */
export async function readManifest(path: string): Promise<ModelManifest> {
  try {
    return parseManifest(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof FailedPreconditionError) throw cause;
    throw new FailedPreconditionError(`the model manifest ${path} cannot be read`, { cause });
  }
}

/** A manifest from its JSON; throws `FailedPreconditionError` naming what is missing, and `name`. */
export function parseManifest(text: string, name: string): ModelManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FailedPreconditionError(`the model manifest ${name} is no JSON`, { cause });
  }
  const problems = manifestProblems(parsed);
  if (problems.length > 0) {
    throw new FailedPreconditionError(`the model manifest ${name} is not one: ${problems.join('; ')}`);
  }
  return parsed as ModelManifest;
}

function manifestProblems(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return ['it must be a JSON object'];
  const manifest = value as Partial<Record<keyof ModelManifest, unknown>>;
  const problems: string[] = [];
  for (const key of [
    'version',
    'modelFile',
    'sha256',
    'featureSchemaHash',
    'inputName',
    'outputName',
  ] as const) {
    if (typeof manifest[key] !== 'string' || manifest[key] === '') problems.push(`${key} must be a text`);
  }
  if (!Array.isArray(manifest.featureNames)) problems.push('featureNames must be a list');
  const golden = manifest.golden as Partial<ModelManifest['golden']> | undefined;
  const matching =
    Array.isArray(golden?.inputs) &&
    Array.isArray(golden.outputs) &&
    golden.inputs.length === golden.outputs.length;
  if (!matching || golden?.inputs?.length === 0) {
    problems.push('golden must hold as many inputs as outputs, at least one');
  } else if (!areNumbers(golden.outputs) || !golden.inputs?.every(areNumbers)) {
    problems.push('golden inputs and outputs must be numbers');
  } else if (
    golden.inputs.some((row) => row.length !== (manifest.featureNames as string[] | undefined)?.length)
  ) {
    problems.push('golden inputs must have a number for each of featureNames');
  }
  if (manifest.behaviourTypes !== undefined && !areNumbers(Object.values(manifest.behaviourTypes ?? {}))) {
    problems.push('behaviourTypes must be numbers by type');
  }
  if (manifest.behaviourWeights !== undefined && typeof manifest.behaviourWeights !== 'string') {
    problems.push('behaviourWeights must be a text');
  }
  return problems;
}

function areNumbers(values: unknown): boolean {
  return Array.isArray(values) && values.every(Number.isFinite);
}

/** Of fewer behaviours of a type a fit learns nothing. */
export const LEAST_TO_LEARN_FROM = 100;

/** The types of behaviour that a model was fitted to; undefined when its manifest does not say. */
export function fittedTo({ behaviourTypes }: ModelManifest): readonly BehaviourType[] | undefined {
  if (behaviourTypes === undefined) return undefined;
  return BEHAVIOUR_TYPES.filter((type) => (behaviourTypes[type] ?? 0) >= LEAST_TO_LEARN_FROM);
}
