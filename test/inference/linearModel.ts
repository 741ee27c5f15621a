import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/inference/manifest.js';
import { FEATURES, featureSchemaHash } from '../../src/ranking/features/index.js';

/**
 * A model of our own making, small enough to check by hand: `scores = features × coefficients`. It is
 * written as the few ONNX messages that such a graph takes (onnx.proto3 of ONNX 1.x; IR version 8,
 * operator set 13).
 */
export function linearModel(coefficients: readonly number[]): Buffer {
  const weights = Buffer.concat([
    varintField(1, coefficients.length),
    varintField(1, 1),
    varintField(2, FLOAT),
    textField(8, 'coefficients'),
    bytesField(9, Buffer.from(Float32Array.from(coefficients).buffer)),
  ]);
  const node = Buffer.concat([
    textField(1, 'features'),
    textField(1, 'coefficients'),
    textField(2, 'scores'),
    textField(4, 'MatMul'),
  ]);
  const graph = Buffer.concat([
    bytesField(1, node),
    textField(2, 'linear'),
    bytesField(5, weights),
    bytesField(11, matrix('features', coefficients.length)),
    bytesField(12, matrix('scores', 1)),
  ]);
  return Buffer.concat([varintField(1, 8), bytesField(7, graph), bytesField(8, varintField(2, 13))]);
}

/** `TensorProto.DataType.FLOAT`. */
const FLOAT = 1;

/** A `ValueInfoProto`: any number of rows, so many columns. */
function matrix(name: string, columns: number): Buffer {
  const shape = Buffer.concat([bytesField(1, textField(2, 'rows')), bytesField(1, varintField(1, columns))]);
  const tensor = Buffer.concat([varintField(1, FLOAT), bytesField(2, shape)]);
  return Buffer.concat([textField(1, name), bytesField(2, bytesField(1, tensor))]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

const varintField = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field << 3), varint(value)]);
const bytesField = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const textField = (field: number, value: string): Buffer => bytesField(field, Buffer.from(value));

export const FEATURE_NAMES = ['interest', 'popularity', 'age'] as const;
export const SCHEMA_HASH = 'schema-of-three';

/** A linear model of the features of this code, and a manifest that tells the truth about it, apart from `lies`. */
export function fittingModel(
  version: string,
  { weight = 1, ...lies }: Partial<ModelManifest> & { readonly weight?: number } = {},
): { readonly manifest: string; readonly model: Buffer } {
  const names = FEATURES.map(({ name }) => name);
  const model = linearModel(names.map((_, i) => (i === 0 ? weight : 0)));
  const manifest: ModelManifest = {
    version,
    modelFile: 'linear.onnx',
    sha256: createHash('sha256').update(model).digest('hex'),
    featureNames: names,
    featureSchemaHash: featureSchemaHash(),
    inputName: 'features',
    outputName: 'scores',
    golden: { inputs: [names.map(() => 1)], outputs: [weight] },
    metrics: { ndcg: 0.5 },
    data: {},
    training: {},
    ...lies,
  };
  return { manifest: JSON.stringify(manifest), model };
}

/** Writes a linear model and a manifest that tells the truth about it, apart from `lies`. */
export function writeModel(
  directory: string,
  lies: Partial<ModelManifest> & { readonly coefficients?: readonly number[] } = {},
): string {
  const { coefficients = [2, 1, -0.5], ...told } = lies;
  const model = linearModel(coefficients);
  writeFileSync(join(directory, 'linear.onnx'), model);
  const manifest: ModelManifest = {
    version: 'linear-1',
    modelFile: 'linear.onnx',
    sha256: createHash('sha256').update(model).digest('hex'),
    featureNames: FEATURE_NAMES,
    featureSchemaHash: SCHEMA_HASH,
    inputName: 'features',
    outputName: 'scores',
    golden: {
      inputs: [
        [1, 0, 0],
        [1, 2, 4],
      ],
      outputs: [2, 2],
    },
    metrics: {},
    data: {},
    training: {},
    ...told,
  };
  const path = join(directory, 'manifest.json');
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}
