import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../src/app.js';
import { FailedPreconditionError } from '../../src/core/errors.js';
import { loadOnnxModel } from '../../src/inference/onnxModel.js';
import { FEATURES, featureSchemaHash } from '../../src/ranking/features/index.js';
import { aRankRequest } from '../ranking/storefront.js';
import { tempDir } from '../support/tempDir.js';
import { FEATURE_NAMES, SCHEMA_HASH, writeModel } from './linearModel.js';

const expected = { names: FEATURE_NAMES, schemaHash: SCHEMA_HASH };

async function refusal(path: string): Promise<string> {
  const error = await loadOnnxModel(path, expected).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FailedPreconditionError);
  return (error as Error).message;
}

describe('loading a model', () => {
  it('accepts one that is what its manifest says, and scores row by row', async () => {
    const { model, manifest } = await loadOnnxModel(writeModel(tempDir()), expected);
    onTestFinished(() => model.close());
    expect(manifest.version).toBe('linear-1');
    expect(model).toMatchObject({ version: 'linear-1', featureCount: 3 });
    const scores = await model.score(Float32Array.from([1, 1, 0, 0, 0, 2]), 2);
    expect([...scores]).toEqual([3, -1]);
    expect(await model.score(new Float32Array(0), 0)).toHaveLength(0);
  });

  it('says what it was fitted to: the behaviours of which its manifest counts enough to learn from', async () => {
    const told = { behaviourTypes: { purchase: 9_000, browse: 100, favourite: 99 } };
    const { model } = await loadOnnxModel(writeModel(tempDir(), told), expected);
    onTestFinished(() => model.close());
    expect(model.fittedTo).toEqual(['purchase', 'browse']);
    const untold = await loadOnnxModel(writeModel(tempDir()), expected);
    onTestFinished(() => untold.model.close());
    expect(untold.model.fittedTo).toBeUndefined();
  });

  const lies: [string, Parameters<typeof writeModel>[1], string][] = [
    ['other features', { featureSchemaHash: 'another' }, 'their order or defaults differ'],
    [
      'features that the code does not compute',
      { featureSchemaHash: 'another', featureNames: ['interest', 'popularity', 'horoscope'] },
      'it wants horoscope; it does not know age',
    ],
    [
      'features in another order under the right hash',
      { featureNames: ['age', 'popularity', 'interest'] },
      'trained on other features',
    ],
    ['another checksum', { sha256: '0'.repeat(64) }, 'checksum'],
    [
      'golden outputs that it does not give',
      { golden: { inputs: [[1, 0, 0]], outputs: [2.001] } },
      'golden input 0',
    ],
    [
      'golden outputs that no model gives',
      { coefficients: [Number.NaN, 0, 0] },
      'gives NaN for golden input 0',
    ],
    ['no golden inputs', { golden: { inputs: [], outputs: [] } }, 'at least one'],
    ['fewer golden outputs than inputs', { golden: { inputs: [[1, 0, 0]], outputs: [] } }, 'as many inputs'],
    [
      'golden inputs of another width',
      { golden: { inputs: [[1, 0]], outputs: [2] } },
      'each of featureNames',
    ],
    ['an output that it does not have', { outputName: 'opinions' }, 'cannot score its golden inputs'],
    ['no version', { version: '' }, 'version must be a text'],
    ['no count of a behaviour', { behaviourTypes: { browse: Number.NaN } }, 'behaviourTypes must be numbers'],
    ['a model that is not there', { modelFile: 'elsewhere.onnx' }, 'cannot be read'],
  ];
  it.each(lies)('refuses a manifest that tells of %s', async (_, lie, words) => {
    expect(await refusal(writeModel(tempDir(), lie))).toContain(words);
  });

  it('refuses a model that was changed after its manifest was written', async () => {
    const directory = tempDir();
    const path = writeModel(directory);
    appendFileSync(join(directory, 'linear.onnx'), '\n');
    expect(await refusal(path)).toContain('checksum');
  });

  it('refuses what is not a model, and what is not a manifest', async () => {
    const directory = tempDir();
    const text = 'not a model';
    const path = writeModel(directory, { sha256: createHash('sha256').update(text).digest('hex') });
    writeFileSync(join(directory, 'linear.onnx'), text);
    expect(await refusal(path)).toContain('is not a model that this runtime can load');
    for (const manifest of ['{', '[]', 'null', '{"version": 3}']) {
      writeFileSync(path, manifest);
      expect(await refusal(path)).toContain('manifest');
    }
    rmSync(path);
    expect(await refusal(path)).toContain('cannot be read');
  });
});

describe('an app whose model is refused', () => {
  it('serves without one, says so in every answer, and tells the operator why', async () => {
    const warnings: string[] = [];
    const app = await createApp({
      dataDir: 'memory',
      modelManifest: writeModel(tempDir()),
      maxCandidates: 100,
      log: { info: () => {}, warn: (fields) => warnings.push(String((fields as { err?: unknown }).err)) },
    });
    onTestFinished(() => app.close());
    expect(app.modelVersion()).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('trained on other features');
    expect((await app.useCases.rank(aRankRequest())).degradationLevel).toBe('no_model');
  });
});

const SHIPPED = fileURLToPath(new URL('../../models/default/manifest.json', import.meta.url));

describe.skipIf(!existsSync(SHIPPED))('the shipped model', () => {
  it('is what its manifest says, and fits the features of this code', async () => {
    const { model, manifest } = await loadOnnxModel(SHIPPED, {
      names: FEATURES.map((feature) => feature.name),
      schemaHash: featureSchemaHash(),
    });
    onTestFinished(() => model.close());
    expect(model.featureCount).toBe(FEATURES.length);
    expect(manifest.golden.outputs.length).toBeGreaterThan(0);
  });
});
