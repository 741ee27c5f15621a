import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { demoExcerpt } from '../../benchmarks/demo/excerpt.js';
import { readMarked } from '../../benchmarks/quality/markedSection.js';
import { tagrank } from './commandLine.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the demo', () => {
  let played: Awaited<ReturnType<typeof tagrank>>;
  // A year of receipts is imported, which takes the better part of a minute on two cores.
  beforeAll(async () => {
    played = await tagrank(['demo']);
  }, 300_000);

  it('plays every scene to its end, ranking with the shipped model', () => {
    expect(played.stderr).not.toContain('error');
    expect(played.code).toBe(0);
    expect(played.stdout).toMatch(/^Ranking by model completejourney-/m);
    expect(played.stdout.match(/^\d\. .*$/gm)).toHaveLength(4);
  });

  it('prints what the README shows of it (`npm run demo:excerpt` writes it anew)', () => {
    expect(readMarked(README, 'demo')).toBe(demoExcerpt(played.stdout));
  });

  it('R2: puts what a browser carted and favoured on the first places, and dog food onto the page of a search', () => {
    const [, afterSearch, afterCart] = listsOf('visitor-lena');
    expect(afterSearch).toMatch(/dog food/i);
    const [, first, why, second] = afterCart?.split('\n') ?? [];
    expect(first).toMatch(/ 1 {2}Dry Dog/);
    expect(why).toContain('It is in your cart');
    expect(second).toMatch(/ 2 {2}Dog Treats/);
  });

  it('R8: does not show again what was just bought', () => {
    const [before, after] = listsOf('h2393');
    const first = / 1 {2}(.{30})/.exec(before ?? '')?.[1] as string;
    expect(first.length).toBe(30);
    // A reason may name it: what goes with it is shown.
    const shown = after?.split('\n').filter((line) => /^ +\d+ {2}/.test(line)) ?? [];
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.join('\n')).not.toContain(first);
  });

  function listsOf(userId: string): string[] {
    return played.stdout.split('\n\n').filter((part) => part.startsWith(`▸ Rank(${userId})`));
  }
});
