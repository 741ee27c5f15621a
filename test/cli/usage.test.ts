import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';

const COMMANDS = ['serve', 'import', 'policy', 'weights', 'train', 'evaluate', 'demo'];

describe('the usage of tagrank', () => {
  it.each([[], ...COMMANDS.map((command) => [command])])(
    '%s --help tells usage, examples and exit codes, and ends with 0',
    async (...command) => {
      const { code, stdout, stderr } = await tagrank([...command, '--help']);
      expect(code).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^Usage: tagrank/);
      expect(stdout).toMatch(/Examples?:\n {2}(\w+=\S+ )*tagrank /);
      expect(stdout).toMatch(/Exit codes:\n {2}0 {2}done/);
    },
  );

  it('lists every command, and serve every setting with its default', async () => {
    const { stdout } = await tagrank(['--help']);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    const serve = await tagrank(['serve', '--help']);
    for (const setting of Object.values(SETTINGS)) {
      expect(serve.stdout).toContain(setting.name);
      expect(serve.stdout).toContain(setting.default);
    }
  });

  it.each([
    [[], 'Usage: tagrank'],
    [['sreve'], "error: unknown command 'sreve'\n(Did you mean serve?)"],
    [['serve', 'extra'], "error: too many arguments for 'serve'"],
    [['import'], "error: missing required argument 'dir'"],
    [['import', 'x', '--no-such'], "error: unknown option '--no-such'"],
    [['evaluate', 'x'], "error: required option '--split-at <time>' not specified"],
    [['evaluate', 'x', '--split-at', 'tomorrow'], '--split-at <time>'],
    [['evaluate', 'x', '--split-at', '2024-02-30'], 'must be a date or RFC 3339 time'],
    [
      ['evaluate', 'x', '--split-at', '2024-02-01', '--target', 'refund'],
      'Allowed choices are next, any, purchase',
    ],
    [['evaluate', 'x', '--split-at', '2024-02-01', '--max-users', '0'], 'must be a whole number from 1'],
    [['weights', 'fit', 'x', '--target', 'any'], 'Allowed choices are next, purchase'],
    [['weights', 'guess'], "error: unknown command 'guess'"],
    [['train', '--seed', 'dice'], 'must be a whole number from 0'],
  ])('%j is bad usage: it ends with 2 and says why', async (args, words) => {
    const { code, stdout, stderr } = await tagrank(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });
});

describe('the settings of tagrank', () => {
  it('are named all at once when they are bad, and nothing is begun', async () => {
    const { code, stderr } = await tagrank(['serve'], {
      TAGRANK_LISTEN: 'everywhere',
      TAGRANK_LOG_LEVEL: 'loud',
      TAGRANK_MODEL: '/no/such/manifest.json',
      TAGRANK_MAX_CANDIDATES: '-1',
      TAGRANK_REDIS_URL: 'redis://:secret@host',
    });
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^error: TAGRANK_LISTEN must be host:port/),
      expect.stringMatching(/^error: TAGRANK_LOG_LEVEL must be one of/),
      expect.stringMatching(/^error: TAGRANK_MAX_CANDIDATES must be a whole number/),
      expect.stringMatching(/^error: TAGRANK_MODEL must name an existing file/),
      expect.stringMatching(/^error: TAGRANK_POSTGRES_URL must be set where TAGRANK_REDIS_URL is/),
    ]);
    expect(stderr).not.toContain('secret');
  });

  it('name every problem of a touch policy, with the setting and the file', async () => {
    const path = join(tempDir(), 'policy.json');
    const cap = { rule_id: 'day', cap: -1, window: { rolling_ms: 5 } };
    writeFileSync(path, JSON.stringify({ version: 1, caps: [cap] }));
    const { code, stderr } = await tagrank(['serve'], { TAGRANK_TOUCH_POLICY: path });
    expect(code).toBe(2);
    expect(stderr).toContain(`error: TAGRANK_TOUCH_POLICY (${path}): caps[0].cap: must be a whole number`);
    expect(stderr).toContain(`error: TAGRANK_TOUCH_POLICY (${path}): caps[0].window.rolling_ms: must be`);

    writeFileSync(path, '{ "version": ');
    expect((await tagrank(['serve'], { TAGRANK_TOUCH_POLICY: path })).stderr).toMatch(
      /policy: must be YAML or JSON/,
    );
  });
});
