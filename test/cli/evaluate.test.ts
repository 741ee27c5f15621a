import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EvaluationResult } from '../../src/evaluation/evaluationResult.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';
import { folderWith, twoTastes } from './folder.js';
import { pythonThatSays } from './pythonThatSays.js';

describe('tagrank evaluate', () => {
  it('asks the real Rank for everybody with a future, and writes table, JSON and plot', async () => {
    const out = tempDir();
    const { code, stdout, stderr } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20', '--model', 'none', '--out', out],
    ]);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tagrank +[01]\.\d{4}/m);

    const result = JSON.parse(readFileSync(join(out, 'tiny-next.json'), 'utf8')) as EvaluationResult;
    expect(result.split).toMatchObject({
      users: 30,
      usersAsked: 30,
      behavioursBefore: 420,
      behavioursAfter: 180,
    });
    const names = [
      'popular',
      'recently popular',
      'personal frequency',
      'item co-occurrence',
      'session kNN',
      'tagrank',
    ];
    expect(result.recommenders.map(({ name }) => name)).toEqual(names);
    const own = result.recommenders.at(-1);
    expect(own?.settings).toEqual({ model: 'none', 'answers no_model': 30 });
    expect(own?.foreignPlaces).toBe(0);
    // Twelve goods of a person's own taste out of twenty-four: who tells the tastes apart finds them.
    expect(own?.groups.all?.metrics['recall@20']?.mean).toBeGreaterThan(0.9);
    expect(result.comparisons.map(({ subject }) => subject)).toEqual(Array(5).fill('tagrank'));
    expect(readFileSync(join(out, 'tiny-next.svg'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(out, 'tiny-next.html'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(out, 'tiny-next.txt'), 'utf8').trim()).toBe(stdout.split('\n\nWritten:')[0]);
  });

  it('asks a seeded sample, and takes purchases alone for targets when told to', async () => {
    const out = tempDir();
    const { code } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20T00:00:00Z', '--model', 'none'],
      ...['--target', 'purchase', '--max-users', '5', '--seed', '3', '--out', out],
    ]);
    expect(code).toBe(0);
    const result = JSON.parse(readFileSync(join(out, 'tiny-purchase.json'), 'utf8')) as EvaluationResult;
    expect(result).toMatchObject({ seed: 3, split: { targetKind: 'purchase', usersAsked: 5 } });
  });

  it('plays the log on, and asks each person just before their last choice', async () => {
    const out = tempDir();
    const { code, stdout } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20', '--model', 'none', '--out', out],
      ...['--protocol', 'leave-last-out'],
    ]);
    expect(code).toBe(0);
    const file = join(out, 'tiny-next-leave-last-out.json');
    const result = JSON.parse(readFileSync(file, 'utf8')) as EvaluationResult;
    expect(result.split).toMatchObject({
      protocol: 'leave-last-out',
      usersAsked: 30,
      seenTargets: 30,
      newTargets: 0,
      // All but the last purchase of all, which nobody is asked after.
      asking: { behavioursPlayed: 179, rounds: 30, leftOut: { beforeSplit: 0, firstChoice: 0 } },
    });
    // Everybody buys what they looked at half a minute before; who is told of it finds it.
    for (const name of ['personal frequency', 'tagrank']) {
      const found = result.recommenders.find((each) => each.name === name);
      expect(found?.groups.all?.metrics['hit_rate@5']?.mean).toBe(1);
      expect(found?.foreignPlaces).toBe(0);
    }
    expect(stdout).toContain('last choices from 2024-05-20T00:00:00.000Z');
  });

  it('asks TagRank with each part missing, and says what the part brings', async () => {
    const out = tempDir();
    const { code, stdout } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20', '--model', 'none', '--out', out],
      ...['--protocol', 'leave-last-out', '--max-users', '12', '--ablate'],
    ]);
    expect(code).toBe(0);
    const file = join(out, 'tiny-next-leave-last-out.json');
    const result = JSON.parse(readFileSync(file, 'utf8')) as EvaluationResult;
    const missing = result.recommenders.filter(({ ablationOf }) => ablationOf === 'tagrank');
    expect(missing.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['tagrank without source own_history', 'tagrank without features of tags']),
    );
    // Who buys what they looked at half a minute before is found by their own history.
    const brings = (name: string) =>
      result.comparisons.find(({ against }) => against === `tagrank without ${name}`)?.groups.all?.[
        'ndcg@20'
      ];
    expect(brings('features of own history')?.mean).toBeGreaterThan(0.1);
    expect(brings('features of price')?.mean).toBe(0);
    const [before = '', parts = ''] = stdout.split('What a part brings to tagrank');
    expect(parts).toMatch(/^features of own history +\+0\.\d{4} \[/m);
    expect(before).not.toContain('without');
    expect(readFileSync(join(out, 'tiny-next-leave-last-out.svg'), 'utf8')).not.toContain('without');
  });

  it('refuses a split with nothing on one side, and says what the data span', async () => {
    const { code, stderr } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2025-01-01', '--model', 'none'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /error: --split-at: must leave behaviours that count at or after it \(they run from 2024-05-01/,
    );
  });

  it('says how to get what ALS and BPR need when it is missing', async () => {
    const args = ['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20', '--model', 'none'];
    const wanted = [...args, '--factorisation', '--python'];
    const missing = await tagrank([
      ...wanted,
      pythonThatSays("ModuleNotFoundError: No module named 'implicit'"),
    ]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('lacks a library that matrix factorisation needs (implicit)');
    expect(missing.stderr).toMatch(/-m pip install -r .*models\/baselines\/requirements\.txt/);
    const none = await tagrank([...wanted, '/no/such/python']);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/error: \/no\/such\/python was not found: .*--python names it\n$/);
    const failed = await tagrank([...wanted, pythonThatSays('MemoryError')]);
    expect(failed.stderr).toContain('error: matrix factorisation failed: MemoryError\n');
  });

  it('refuses a model that cannot be used: another is not what should be measured', async () => {
    const { code, stderr } = await tagrank([
      ...['evaluate', folderWith(twoTastes()), '--split-at', '2024-05-20', '--model', '/no/manifest.json'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('error: the model manifest /no/manifest.json cannot be read');
  });
});
