import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { weightsFingerprint } from '../../src/behaviour/weightsFingerprint.js';
import type { ModelManifest } from '../../src/inference/manifest.js';
import { installModel } from '../../src/training/installModel.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';
import { folderWith, twoTastes } from './folder.js';
import { pythonThatSays } from './pythonThatSays.js';

/** A Python with the libraries of `models/train/requirements.txt`; without it fitting is not tested. */
const PYTHON = process.env.TAGRANK_PYTHON;

describe('tagrank train', () => {
  it('says how to get the Python libraries when one is missing, and leaves the old model alone', async () => {
    const out = tempDir();
    writeFileSync(join(out, 'manifest.json'), 'the old one');
    const python = pythonThatSays("ModuleNotFoundError: No module named 'lightgbm'");
    const { code, stderr } = await tagrank([
      ...['train', '--data', folderWith(twoTastes()), '--out', out, '--python', python],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('lacks a library that fitting needs (lightgbm)');
    expect(stderr).toMatch(/-m pip install -r .*models\/train\/requirements\.txt/);
    expect(readdirSync(out)).toEqual(['manifest.json']);
    expect(readFileSync(join(out, 'manifest.json'), 'utf8')).toBe('the old one');
  });

  it('says so when there is no such Python, and what a fit that failed complained of', async () => {
    const args = ['train', '--data', folderWith(twoTastes()), '--out', tempDir(), '--python'];
    const missing = await tagrank([...args, '/no/such/python']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/error: \/no\/such\/python was not found: .*--python names it\n$/);
    const failed = await tagrank([...args, pythonThatSays('only 3 queries: too few to learn from')]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('error: the fit failed: only 3 queries: too few to learn from\n');
  });

  it('refuses to learn from nothing', async () => {
    const { code, stderr } = await tagrank([
      ...['train', '--data', folderWith(twoTastes()), '--until', '2020-01-01', '--out', tempDir()],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('holds no visit to learn from');
  });

  it('knows its families and budgets', async () => {
    const family = await tagrank(['train', '--family', 'forest']);
    expect(family.code).toBe(2);
    expect(family.stderr).toContain('Allowed choices are trees, network, best');
    for (const budget of ['0', '-1', 'much']) {
      const { code, stderr } = await tagrank(['train', `--serving-budget-ms=${budget}`]);
      expect(code).toBe(2);
      expect(stderr).toContain('It must be a number above 0.');
    }
  });

  it.skipIf(PYTHON === undefined)(
    'gives the same model and manifest for the same data and seed, and a card beside them (set TAGRANK_PYTHON)',
    async () => {
      const dir = folderWith(twoTastes());
      const outs = [tempDir(), tempDir()];
      for (const out of outs) {
        const args = ['train', '--data', dir, '--out', out, '--python', PYTHON as string, '--seed', '5'];
        // On a busy machine, too, quality decides.
        const { code, stdout } = await tagrank([...args, '--serving-budget-ms', '1000']);
        expect(code).toBe(0);
        expect(stdout).toMatch(/^trees {6}NDCG@20 0\.\d{4}, \d+\.\d\d ms for 500 rows/m);
        expect(stdout).toMatch(/^network {4}NDCG@20 0\.\d{4}, \d+\.\d\d ms for 500 rows/m);
      }
      const manifests = outs.map((out) => readFileSync(join(out, 'manifest.json'), 'utf8'));
      expect(manifests[1]).toBe(manifests[0]);
      const { version, modelFile, data, metrics, training, behaviourWeights } = JSON.parse(
        manifests[0] as string,
      ) as ModelManifest;
      expect(version).toMatch(/^tiny-2024-05-28-[0-9a-f]{8}$/);
      expect(data).toMatchObject({ name: 'tiny', behaviours: 600, users: 30, products: 24, shops: 2 });
      expect(behaviourWeights).toBe(weightsFingerprint(STARTING_WEIGHTS));
      expect(metrics.heldBackNdcg20).toBe(
        Math.max(metrics.treesHeldBackNdcg20 as number, metrics.networkHeldBackNdcg20 as number),
      );
      expect(metrics.heldBackNdcg20).toBe(metrics[`${training.family}HeldBackNdcg20`]);
      const models = outs.map((out) => readFileSync(join(out, modelFile)));
      expect(models[1]?.equals(models[0] as Buffer)).toBe(true);
      const card = readFileSync(join(outs[0] as string, 'MODEL_CARD.md'), 'utf8');
      expect(card).toContain(`# Model ${version}`);
      for (const family of ['trees', 'network']) {
        const told = metrics[`${family}HeldBackNdcg20`]?.toFixed(4) as string;
        expect(card).toMatch(new RegExp(`^\\| ${family} .*\\| ${told} \\|.*\\d ms \\| yes \\|$`, 'm'));
      }
      expect(card).toMatch(/--family best --serving-budget-ms 1000/);
    },
    180_000,
  );

  it.skipIf(PYTHON === undefined)(
    'fits one family alone, and says so when it costs more than the budget (set TAGRANK_PYTHON)',
    async () => {
      const out = tempDir();
      const { code, stdout } = await tagrank([
        ...['train', '--data', folderWith(twoTastes()), '--out', out, '--python', PYTHON as string],
        ...['--family', 'network', '--serving-budget-ms', '0.000001'],
      ]);
      expect(code).toBe(0);
      expect(stdout).not.toContain('trees');
      const card = readFileSync(join(out, 'MODEL_CARD.md'), 'utf8');
      expect(card).toContain('**None served within it**');
      expect(card).toContain('No other family was asked for.');
      expect(card).toContain('--family network');
    },
    120_000,
  );
});

it('installing a model replaces the old one, manifest last, and removes what no manifest names', async () => {
  const [from, to] = [tempDir(), join(tempDir(), 'default')];
  mkdirSync(to);
  for (const name of ['old.onnx', 'manifest.json', 'MODEL_CARD.md']) writeFileSync(join(to, name), 'old');
  for (const name of ['new.onnx', 'manifest.json', 'MODEL_CARD.md']) writeFileSync(join(from, name), 'new');
  await installModel({ manifest: { modelFile: 'new.onnx' } as ModelManifest, from, to });
  expect(readdirSync(to).sort()).toEqual(['MODEL_CARD.md', 'manifest.json', 'new.onnx']);
  for (const name of readdirSync(to)) expect(readFileSync(join(to, name), 'utf8')).toBe('new');

  // A model that is not whole never becomes the one that is served.
  await expect(
    installModel({ manifest: { modelFile: 'missing.onnx' } as ModelManifest, from, to }),
  ).rejects.toThrow();
  expect(existsSync(join(to, 'new.onnx'))).toBe(true);
});
