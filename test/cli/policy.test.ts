import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isSeq, parseDocument } from 'yaml';
import { createApp } from '../../src/app.js';
import { packagePath } from '../../src/cli/options.js';
import { createLogger } from '../../src/logger.js';
import { parseTouchPolicy } from '../../src/touch/parseTouchPolicy.js';
import { serve } from '../server/serve.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';

const PRESETS = readdirSync(packagePath('policies')).map((file) => file.replace(/\.yaml$/, ''));
const textOf = (preset: string): string => readFileSync(packagePath(`policies/${preset}.yaml`), 'utf8');

/** The rules of a policy file, each with the comment above it. */
function rulesIn(text: string): { ruleId: string; comment: string }[] {
  const document = parseDocument(text);
  return ['caps', 'quiet_hours'].flatMap((key) => {
    const list = document.get(key, true);
    if (!isSeq(list)) return [];
    return list.items.map((item, i) => ({
      ruleId: String(document.getIn([key, i, 'rule_id'])),
      // The comment above the first item is that of the list.
      comment: String(
        (item as { commentBefore?: string }).commentBefore ?? (i === 0 ? list.commentBefore : ''),
      ),
    }));
  });
}

describe('the presets of touch control', () => {
  it('C5: are there for every channel that somebody else limits', () => {
    expect(PRESETS).toEqual(
      expect.arrayContaining([
        ...['wecom', 'wechat_service_account', 'wechat_subscription_account'],
        ...['sms_china', 'sms_us', 'phone_china', 'phone_us'],
        ...['huawei', 'honor', 'xiaomi', 'oppo', 'vivo'].map((vendor) => `push_${vendor}`),
      ]),
    );
  });

  it.each(PRESETS)(
    'C5: %s is a sound policy, and says of each rule where it is from and when it was read',
    (preset) => {
      const policy = parseTouchPolicy(textOf(preset));
      const rules = rulesIn(textOf(preset));
      expect(rules.map(({ ruleId }) => ruleId)).toEqual(
        [...policy.caps, ...policy.quietHours].map(({ id }) => id),
      );
      expect(rules.length).toBeGreaterThan(0);
      for (const { comment } of rules) {
        expect(comment).toMatch(/Source: (?:.|\n)*https?:\/\/\S+(?:.|\n)*read\s+\d{4}-\d\d-\d\d/);
      }
    },
  );

  it('C5: leave alone what a person asked for and waits for', () => {
    for (const preset of PRESETS) {
      const { caps, quietHours } = parseTouchPolicy(textOf(preset));
      for (const rule of [...caps, ...quietHours])
        expect(rule.exceptCampaignTypes).toContain('transactional');
    }
  });
});

describe('tagrank policy', () => {
  it('lists the presets, each with what it is about', async () => {
    const { code, stdout } = await tagrank(['policy']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(PRESETS.length);
    for (const preset of PRESETS) expect(stdout).toMatch(new RegExp(`^${preset} +\\S`, 'm'));
  });

  it('prints one as it is shipped', async () => {
    const { stdout } = await tagrank(['policy', 'wecom']);
    expect(parseTouchPolicy(stdout)).toEqual(parseTouchPolicy(textOf('wecom')));
    expect(rulesIn(stdout)).toEqual(rulesIn(textOf('wecom')));
  });

  it('combines all of them and a file of your own into one policy, with every comment', async () => {
    const own = join(tempDir(), 'own.json');
    const kind = { campaign_type: 'order', bypasses_caps: true };
    writeFileSync(own, JSON.stringify({ version: 7, campaign_types: [kind], learning: { budget: {} } }));
    const { code, stdout } = await tagrank(['policy', ...PRESETS, own]);
    expect(code).toBe(0);
    const policy = parseTouchPolicy(stdout);
    expect(policy).toMatchObject({ version: 7, campaignTypes: [{ campaignType: 'order' }], learning: {} });
    const shipped = PRESETS.flatMap((preset) => rulesIn(textOf(preset)));
    expect(rulesIn(stdout)).toEqual(expect.arrayContaining(shipped));
    expect(rulesIn(stdout)).toHaveLength(shipped.length);
  });

  it('takes a file of your own without a version, alone and on either side of a preset', async () => {
    const own = join(tempDir(), 'own.yaml');
    writeFileSync(own, 'caps: [{ rule_id: all_day, window: { calendar_unit: day }, cap: 2 }]');
    for (const names of [[own], [own, 'wecom'], ['wecom', own]]) {
      const { code, stdout } = await tagrank(['policy', ...names]);
      expect(code).toBe(0);
      expect(parseTouchPolicy(stdout)).toMatchObject({ version: 1 });
      expect(rulesIn(stdout).map(({ ruleId }) => ruleId)).toContain('all_day');
    }
  });

  it('refuses what it does not know, what is no policy, and rules of one name', async () => {
    expect(await tagrank(['policy', 'telepathy'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('error: telepathy: is no preset'),
    });
    const own = join(tempDir(), 'own.yaml');
    writeFileSync(own, 'version: [');
    expect((await tagrank(['policy', 'wecom', own])).stderr).toContain(`error: ${own}: must be YAML or JSON`);
    writeFileSync(own, textOf('wecom'));
    expect((await tagrank(['policy', 'wecom', own])).stderr).toMatch(/rule_id: the id moments_day is taken/);
    expect((await tagrank(['policy', join(tempDir(), 'none.yaml')])).stderr).toContain(
      'must be a file that can be read',
    );
  });

  it('prints the policy in force as a file that puts it into force again', async () => {
    const logger = createLogger({ level: 'silent' });
    const app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, log: logger });
    const { address } = await serve(app.useCases);
    onTestFinished(() => app.close());
    const before = app.useCases.touch.policy();
    const { code, stdout } = await tagrank(['policy', '--of', address]);
    expect(code).toBe(0);
    const own = join(tempDir(), 'own.yaml');
    writeFileSync(own, stdout);
    expect((await tagrank(['policy', own, '--set', address])).code).toBe(0);
    const { version, ...rules } = app.useCases.touch.policy();
    expect({ ...rules, version: before.version }).toEqual(before);
    expect(version).toBeGreaterThan(before.version);
    expect((await tagrank(['policy', '--of', '127.0.0.1:1'])).code).toBe(1);
    expect(await tagrank(['policy', 'wecom', '--of', address])).toMatchObject({ code: 2, stdout: '' });
  });

  it('puts a policy into force at a server, whatever version it has', async () => {
    const logger = createLogger({ level: 'silent' });
    const app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, log: logger });
    const { client, address } = await serve(app.useCases);
    onTestFinished(() => app.close());
    const { policy: before } = await client.getTouchPolicy({});
    const { code, stdout } = await tagrank(['policy', 'wechat_service_account', '--set', address]);
    const { policy } = await client.getTouchPolicy({});
    expect({ code, stdout }).toEqual({ code: 0, stdout: `version ${policy?.version} is in force\n` });
    expect(policy?.version).toBeGreaterThan(before?.version ?? 0n);
    expect(policy?.caps.map(({ ruleId }) => ruleId)).toEqual(['service_account_month']);
  });

  it('puts nothing into force that was not named', async () => {
    const { code, stderr } = await tagrank(['policy', '--set', '127.0.0.1:1']);
    expect(code).toBe(2);
    expect(stderr).toContain('--set needs the names');
  });

  it('says when no server answers', async () => {
    const { code, stderr } = await tagrank(['policy', 'wecom', '--set', '127.0.0.1:1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: 127\.0\.0\.1:1: /);
  });
});
