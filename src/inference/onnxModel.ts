import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FailedPreconditionError } from '../core/errors.js';
import { fittedTo, type ModelManifest, readManifest } from './manifest.js';
import type { Model } from './model.js';

/** What the code that calls the model computes. */
export interface ExpectedFeatures {
  readonly names: readonly string[];
  readonly schemaHash: string;
}

/** How far a golden score may be off: single precision, summed in another order. */
const GOLDEN_TOLERANCE = 1e-4;

/**
 * Loads a model and proves that it is the one its manifest speaks of: the features match the
 * code's, the checksum matches the file, the golden inputs give the golden outputs. Throws
 * `FailedPreconditionError` saying which did not.
 *
 * `onnxruntime-node` runs inference on the calling thread (1.30: the event loop does not turn
 * during `run`), so a model has to be small.
 */
export async function loadOnnxModel(
  manifestPath: string,
  expected: ExpectedFeatures,
): Promise<{ model: Model; manifest: ModelManifest }> {
  const manifest = await readManifest(manifestPath);
  checkFeatures(manifest, expected);
  const path = join(dirname(manifestPath), manifest.modelFile);
  return {
    model: await provenModel(manifest, { bytes: await readModel(path), name: path }, expected),
    manifest,
  };
}

/** The same for a model that is at hand; `name` is what a refusal calls it. */
export async function provenModel(
  manifest: ModelManifest,
  { bytes, name }: { readonly bytes: Uint8Array; readonly name: string },
  expected: ExpectedFeatures,
): Promise<Model> {
  checkFeatures(manifest, expected);
  const checksum = createHash('sha256').update(bytes).digest('hex');
  if (checksum !== manifest.sha256) {
    throw new FailedPreconditionError(
      `the model ${name} is not the one of its manifest: checksum ${checksum}`,
    );
  }
  const session = await createSession(bytes, name);
  const model = onnxModel(session, manifest);
  try {
    await checkGolden(model, manifest);
  } catch (error) {
    await model.close();
    throw error;
  }
  return model;
}

async function readModel(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FailedPreconditionError(`the model ${path} cannot be read`, { cause });
  }
}

async function createSession(bytes: Uint8Array, name: string): Promise<InferenceSession> {
  try {
    // One thread: a request is too small to share, and the other cores serve other requests.
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new FailedPreconditionError(`the model ${name} is not a model that this runtime can load`, {
      cause,
    });
  }
}

function onnxModel(session: InferenceSession, manifest: ModelManifest): Model {
  const featureCount = manifest.featureNames.length;
  return {
    version: manifest.version,
    featureCount,
    fittedTo: fittedTo(manifest),
    async score(matrix, rows) {
      if (rows === 0) return new Float32Array(0);
      const input = new Tensor('float32', matrix, [rows, featureCount]);
      const outputs = await session.run({ [manifest.inputName]: input });
      const scores = outputs[manifest.outputName]?.data;
      if (!(scores instanceof Float32Array) || scores.length !== rows) {
        throw new Error(`the model answered ${scores?.length ?? 'nothing'} for ${rows} rows`);
      }
      return scores;
    },
    close: () => session.release(),
  };
}

function checkFeatures(manifest: ModelManifest, expected: ExpectedFeatures): void {
  const sameNames =
    manifest.featureNames.length === expected.names.length &&
    manifest.featureNames.every((name, column) => name === expected.names[column]);
  if (sameNames && manifest.featureSchemaHash === expected.schemaHash) return;
  const wanted = manifest.featureNames.filter((name) => !expected.names.includes(name));
  const unused = expected.names.filter((name) => !manifest.featureNames.includes(name));
  const detail = [
    ...(wanted.length > 0 ? [`it wants ${wanted.join(', ')}`] : []),
    ...(unused.length > 0 ? [`it does not know ${unused.join(', ')}`] : []),
  ];
  throw new FailedPreconditionError(
    `model ${manifest.version} was trained on other features: ${detail.join('; ') || 'their order or defaults differ'}`,
  );
}

async function checkGolden(model: Model, manifest: ModelManifest): Promise<void> {
  const { outputs } = manifest.golden;
  const scores = await goldenScores(model, manifest);
  for (const [row, wanted] of outputs.entries()) {
    const got = scores[row] as number;
    // Said this way round, so that NaN is refused too.
    if (!(Math.abs(got - wanted) <= GOLDEN_TOLERANCE * Math.max(1, Math.abs(wanted)))) {
      throw new FailedPreconditionError(
        `model ${manifest.version} gives ${got} for golden input ${row}, its manifest says ${wanted}`,
      );
    }
  }
}

async function goldenScores(model: Model, { version, golden }: ModelManifest): Promise<Float32Array> {
  try {
    return await model.score(Float32Array.from(golden.inputs.flat()), golden.inputs.length);
  } catch (cause) {
    throw new FailedPreconditionError(`model ${version} cannot score its golden inputs`, { cause });
  }
}
