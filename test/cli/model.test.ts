import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../../src/app.js';
import { fittingModel } from '../inference/linearModel.js';
import { aRankRequest } from '../ranking/storefront.js';
import { serve } from '../server/serve.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';

/** A manifest with its model beside it, as `tagrank train` leaves them. */
function trained(version: string, lies?: Parameters<typeof fittingModel>[1]): string {
  const folder = tempDir();
  const { manifest, model } = fittingModel(version, lies);
  writeFileSync(join(folder, 'linear.onnx'), model);
  writeFileSync(join(folder, 'manifest.json'), manifest);
  return join(folder, 'manifest.json');
}

describe('tagrank model', () => {
  it('adds, compares, activates and takes back, and says what it did', async () => {
    const app = await createApp({ dataDir: 'memory', maxCandidates: 100, log: { info() {}, warn() {} } });
    onTestFinished(() => app.close());
    const { address } = await serve(app.useCases);
    const model = async (...args: string[]) => {
      const { code, stdout, stderr } = await tagrank(['model', ...args, '--server', address]);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    const said = ['--by', 'olga', '--note', 'a test'];
    expect(await model('list')).toBe(
      'no model ranks (hand-set weights do)\nthe settings name no model\n\nno model was added\n',
    );
    expect(await model('add', trained('m1'), ...said)).toBe('m1 is kept\n');
    expect(await model('add', trained('m1'), ...said)).toBe('m1 was kept already\n');
    await model('add', trained('m2', { weight: 2 }), ...said);
    expect(await model('activate', 'm1', ...said)).toBe('m1 ranks\n');
    expect(await model('activate', 'm1', ...said)).toBe('m1 ranked already\n');
    expect(await model('shadow', 'm2', ...said)).toBe('m2 watches\n');
    expect((await app.useCases.rank(aRankRequest())).modelVersion).toBe('m1');
    const listed = await model('list');
    expect(listed).toMatch(/^m1 ranks\nthe settings name no model\n\nadded:\n/);
    expect(listed).toMatch(/ {2}m1: ranks, added by olga at \d{4}-.*, ndcg 0\.5000\n/);
    expect(listed).toMatch(/ {2}m2: watches, added by olga at /);
    expect(listed).toMatch(/olga: shadow m2 \(a test\)\n.*olga: activate m1 \(a test\)\n$/);
    expect(await model('shadow', 'none', ...said)).toBe('no model watches any more\n');
    expect(await model('shadow', 'none', ...said)).toBe('no model watched\n');
    await model('activate', 'm2', ...said);
    expect(await model('rollback', ...said)).toBe('m1 ranks\n');
    expect(await model('rollback', ...said)).toBe('the model of the settings ranks\n');
    expect(await model('list')).toMatch(/olga: rollback to the settings \(a test\)\n.*olga: rollback to m1/);
  });

  it('says what went wrong, and of bad usage where the help is', async () => {
    const app = await createApp({ dataDir: 'memory', maxCandidates: 100, log: { info() {}, warn() {} } });
    onTestFinished(() => app.close());
    const { address } = await serve(app.useCases);
    const failing = async (...args: string[]) => {
      const { code, stdout, stderr } = await tagrank(['model', ...args, '--server', address]);
      expect([code, stdout]).toEqual([1, '']);
      return stderr;
    };
    expect(await failing('activate', 'm9')).toContain('no model "m9" was added');
    expect(await failing('rollback')).toContain('no model was activated that is not taken back already');
    expect(await failing('add', join(tempDir(), 'manifest.json'))).toContain('cannot be read');
    const lost = trained('m1', { modelFile: 'lost.onnx' });
    expect(await failing('add', lost)).toContain('lost.onnx: must be a file that can be read');
    const other = trained('m1', { featureSchemaHash: 'other' });
    expect(await failing('add', other)).toContain('trained on other features');
    const nobody = await tagrank(['model', 'list', '--server', '127.0.0.1:1']);
    expect(nobody.code).toBe(1);
    const { code, stderr } = await tagrank(['model', 'activate']);
    expect(code).toBe(2);
    expect(stderr).toContain('see `tagrank model activate --help`');
  });
});
