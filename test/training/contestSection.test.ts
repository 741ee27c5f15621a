import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../src/inference/manifest.js';
import { contestSection } from '../../src/training/contestSection.js';
import type { Contest } from '../../src/training/familyContest.js';

const manifest = { featureNames: ['a', 'b'] } as unknown as ModelManifest;
const contest: Contest = {
  chosen: 'network',
  budgetMs: 0.5,
  figures: [
    {
      family: 'trees',
      heldBackNdcg20: 0.7111,
      servingMs: 0.613,
      chosenIsAheadBy: { mean: -0.0111, low: -0.02, high: 0.003 },
    },
    { family: 'network', heldBackNdcg20: 0.7, servingMs: 0.202 },
  ],
};

describe('the section of the model card on families', () => {
  it('has quality and cost of both, which is shipped, and how far they are apart', () => {
    const rows = contestSection(manifest, contest).split('\n');
    expect(rows).toContain('| trees (LambdaMART) | 0.7111 | −0.0111 (−0.0200 to +0.0030) | 0.61 ms | no |');
    expect(rows).toContain('| network (click, cart, purchase), **shipped** | 0.7000 |  | 0.20 ms | yes |');
  });

  it('says in words by what rule, and when none kept to the budget', () => {
    const told = contestSection(manifest, contest);
    expect(told).toContain('within 0.5 ms, unless a network that does has a higher NDCG@20');
    expect(told).not.toContain('None served within it');
    expect(contestSection(manifest, { ...contest, budgetMs: 0.1 })).toContain(
      '**None served within it**, so that this is the cheapest.',
    );
  });

  it('says when there was no other to compare with', () => {
    const alone = { ...contest, figures: contest.figures.slice(1) };
    expect(contestSection(manifest, alone)).toContain('No other family was asked for.');
    expect(contestSection(manifest, contest)).not.toContain('No other family was asked for.');
  });
});
