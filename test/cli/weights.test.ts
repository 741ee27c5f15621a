import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { parseBehaviourWeights, writeBehaviourWeights } from '../../src/behaviour/weightsFile.js';
import { weightsFingerprint } from '../../src/behaviour/weightsFingerprint.js';
import { tempDir } from '../support/tempDir.js';
import { plantedLog } from '../training/weights/plantedLog.js';
import { tagrank } from './commandLine.js';
import { folderWith, twoTastes } from './folder.js';

/** Six hundred products that eighty people turned to and came back to, a cart saying eight times as much as a look. */
function plantedFolder(): string {
  const log = plantedLog({ ratios: { browse: 1, add_to_cart: 8 }, people: 80, seed: 4 });
  const rows = log.map(({ eventId, type, userId, productId, occurredAtMs }) =>
    [eventId, type, userId, productId, new Date(Math.round(occurredAtMs)).toISOString()].join(','),
  );
  return folderWith({ 'behaviours.csv': ['event_id,type,user_id,product_id,occurred_at', ...rows] });
}

function fileWith(text: string): string {
  const path = join(tempDir(), 'weights.yaml');
  writeFileSync(path, text);
  return path;
}

describe('tagrank weights fit', () => {
  it('T4: reports each type with its reason, and writes a file that serve takes; the same for the same seed', async () => {
    const dir = plantedFolder();
    const outs = [join(tempDir(), 'a.yaml'), join(tempDir(), 'b.yaml')];
    const fitInto = (out: string) => tagrank(['weights', 'fit', dir, '--out', out, '--seed', '7']);
    const [first, second] = [await fitInto(outs[0] as string), await fitInto(outs[1] as string)];
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/choices of 80 people who came back/);
    expect(first.stdout).toMatch(/^browse .* unchanged, the measure: all others are measured by it$/m);
    expect(first.stdout).toMatch(
      /^add_to_cart +[\d,]+ +80 +5 +(\S+) +\1 +\S+ to \S+ +changed, fitted: as the data say$/m,
    );
    expect(first.stdout).toMatch(/^follow +0 +0 +2\.5 .* kept beside its neighbours: none in the log$/m);
    expect(first.stderr).toMatch(/count: .*\nresample: /);
    const [text, again] = outs.map((out) => readFileSync(out, 'utf8'));
    expect(again).toBe(text);
    expect(second.stdout.replace(outs[1] as string, '')).toBe(first.stdout.replace(outs[0] as string, ''));
    const weights = parseBehaviourWeights(text as string);
    expect(weights.browse).toEqual(STARTING_WEIGHTS.browse);
    expect(weights.add_to_cart.weight).toBeGreaterThan(5);
    expect(text).toContain(`its fingerprint is ${weightsFingerprint(weights)}`);
  }, 30_000);

  it('prints the file where none is to be written, and counts what lies before --until alone', async () => {
    const dir = plantedFolder();
    const { code, stdout } = await tagrank(['weights', 'fit', dir]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\npurchase: \{ weight: .*\n.*\nnot_interested: \{ weight: -\S+, half_life: 30d \}\n$/s,
    );
    const early = await tagrank(['weights', 'fit', dir, '--until', '2025-01-02']);
    expect(early.code).toBe(1);
    expect(early.stderr).toMatch(/error: no weights can be fitted: two types are needed with 100 behaviours/);
  }, 30_000);

  it('is refused when the data cannot tell: it ends with 1, says what is missing and the way out, and writes nothing', async () => {
    const { 'behaviours.csv': lines = [], ...others } = twoTastes();
    const dir = folderWith({ ...others, 'behaviours.csv': lines.filter((row) => !row.includes(',browse,')) });
    const out = join(tempDir(), 'weights.yaml');
    const { code, stdout, stderr } = await tagrank(['weights', 'fit', dir, '--out', out]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /error: no weights can be fitted: the log holds only purchase .*Bring in a log with two of them, or go on with the weights in force\n$/,
    );
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });
});

describe('tagrank weights check', () => {
  it('prints what a file means, all types of it', async () => {
    const { code, stdout } = await tagrank(['weights', 'check', fileWith('purchase: { weight: 20 }')]);
    expect(code).toBe(0);
    const weights = { ...STARTING_WEIGHTS, purchase: { ...STARTING_WEIGHTS.purchase, weight: 20 } };
    expect(stdout).toBe(
      `# can be used; its fingerprint is ${weightsFingerprint(weights)}\n${writeBehaviourWeights(weights)}`,
    );
  });

  it('ends with 2 and names every breach of T4, or the file that cannot be read', async () => {
    const broken = await tagrank([
      'weights',
      'check',
      fileWith('browse: { weight: 9 }\ninquiry: { weight: 4 }'),
    ]);
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toMatch(
      /error: weights\.favourite: must weigh more than inquiry .*\nerror: weights\.inquiry: /,
    );
    const missing = await tagrank(['weights', 'check', '/no/such/file.yaml']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^error: \/no\/such\/file\.yaml: must be a file that can be read: /);
  });
});

describe('the setting of behaviour weights', () => {
  it.each([[['serve']], [['train']], [['evaluate', 'data/completejourney', '--split-at', '2017-12-01']]])(
    '%j refuses a file that breaks T4 with the setting, the file and the field, before it begins',
    async (args) => {
      const path = fileWith('purchase: { weight: 2 }');
      const { code, stdout, stderr } = await tagrank(args, { TAGRANK_BEHAVIOUR_WEIGHTS: path });
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toBe(
        `error: TAGRANK_BEHAVIOUR_WEIGHTS (${path}): weights.purchase: must weigh more than add_to_cart ` +
          '(2 is not above 5): raise the one or lower the other\n',
      );
    },
  );

  it('is what evaluate goes by, which says so, and that the model was fitted under others', async () => {
    const env = { TAGRANK_BEHAVIOUR_WEIGHTS: fileWith('purchase: { weight: 20 }') };
    const dir = folderWith(twoTastes());
    const args = ['evaluate', dir, '--split-at', '2024-05-20', '--max-users', '3', '--out', tempDir()];
    const { stdout, stderr } = await tagrank(args, env);
    const fingerprint = weightsFingerprint(parseBehaviourWeights('purchase: { weight: 20 }'));
    expect(stdout).toMatch(new RegExp(`tagrank: model \\S+, weights ${fingerprint}`));
    expect(stderr).toContain('was fitted under other weights of behaviours than those in force');
  }, 60_000);
});
