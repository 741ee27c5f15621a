import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, SETTINGS } from '../src/config.js';

function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return expect.fail('should have been refused');
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      listen: '127.0.0.1:50051',
      dataDir: resolve('.tagrank'),
      modelManifest: resolve('models/default/manifest.json'),
      logLevel: 'info',
      maxCandidates: 2_000,
    });
  });

  it('takes what the environment says, and an empty value for none', () => {
    const config = readConfig({
      TAGRANK_LISTEN: '[::1]:0',
      TAGRANK_DATA_DIR: '/var/lib/tagrank',
      TAGRANK_LOG_LEVEL: 'warn',
      TAGRANK_TOUCH_POLICY: 'package.json',
      TAGRANK_BEHAVIOUR_WEIGHTS: 'tsconfig.json',
      TAGRANK_MODEL: ' package.json ',
      TAGRANK_MAX_CANDIDATES: '',
      TAGRANK_METRICS_LISTEN: '127.0.0.1:9464',
    });
    expect(config).toEqual({
      listen: '[::1]:0',
      dataDir: '/var/lib/tagrank',
      modelManifest: resolve('package.json'),
      logLevel: 'warn',
      touchPolicyFile: resolve('package.json'),
      behaviourWeightsFile: resolve('tsconfig.json'),
      maxCandidates: 2_000,
      metricsListen: '127.0.0.1:9464',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad setting at once', () => {
    const found = problems({
      TAGRANK_LISTEN: 'localhost',
      TAGRANK_LOG_LEVEL: 'loud',
      TAGRANK_MAX_CANDIDATES: '1.5',
      TAGRANK_TOUCH_POLICY: '/no/such/file.json',
      TAGRANK_BEHAVIOUR_WEIGHTS: '/no/such/weights.yaml',
      TAGRANK_MODEL: '/no/such/manifest.json',
      TAGRANK_REDIS_URL: 'http://:secret@10.0.0.5',
      TAGRANK_POSTGRES_URL: 'mysql://user:secret@10.0.0.5/db',
      TAGRANK_REDIS_MIN_REPLICAS: '-1',
      TAGRANK_METRICS_LISTEN: '9464',
    });
    expect(found.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'TAGRANK_BEHAVIOUR_WEIGHTS',
      'TAGRANK_LISTEN',
      'TAGRANK_LOG_LEVEL',
      'TAGRANK_MAX_CANDIDATES',
      'TAGRANK_METRICS_LISTEN',
      'TAGRANK_MODEL',
      'TAGRANK_POSTGRES_URL',
      'TAGRANK_REDIS_MIN_REPLICAS',
      'TAGRANK_REDIS_URL',
      'TAGRANK_TOUCH_POLICY',
    ]);
    expect(found.join()).not.toContain('secret');
  });

  it('takes both engines or none', () => {
    const redis = { TAGRANK_REDIS_URL: 'redis+cluster://10.0.0.5:7000,10.0.0.6:7000' };
    const postgres = { TAGRANK_POSTGRES_URL: 'postgres://user:secret@10.0.0.5/db' };
    expect(readConfig({ ...redis, ...postgres }).engines).toEqual({
      redisUrl: redis.TAGRANK_REDIS_URL,
      postgresUrl: postgres.TAGRANK_POSTGRES_URL,
      redisMinReplicas: 0,
    });
    expect(readConfig({}).engines).toBeUndefined();
    expect(problems(redis)).toEqual(['TAGRANK_POSTGRES_URL must be set where TAGRANK_REDIS_URL is']);
    expect(problems(postgres)).toEqual(['TAGRANK_REDIS_URL must be set where TAGRANK_POSTGRES_URL is']);
  });

  it.each(['localhost', ':50051', 'host:65536', 'host:port', 'a b:1', '::1:50051', '127.0.0.1:'])(
    'refuses the address %j',
    (TAGRANK_LISTEN) => {
      expect(problems({ TAGRANK_LISTEN })).toHaveLength(1);
    },
  );

  it.each(['0', '-1', '20001', 'NaN', 'Infinity', '0x', 'many'])('refuses %j candidates', (value) => {
    expect(problems({ TAGRANK_MAX_CANDIDATES: value })).toHaveLength(1);
  });

  it('lists every setting with unit and meaning', () => {
    for (const { name, unit, meaning } of Object.values(SETTINGS)) {
      expect(name).toMatch(/^TAGRANK_[A-Z_]+$/);
      expect(unit).not.toBe('');
      expect(meaning).toMatch(/\.$/);
    }
  });
});
