import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OverrideWord } from '../../src/catalog/overrideWord.js';
import { norm, normalise } from '../../src/core/vectors.js';
import { isSettled, overriddenVector } from '../../src/tags/overriddenVector.js';

const TAGS = ['a', 'b', 'c', 'd', 'e', 'f'];

type Words = readonly (readonly [string, { readonly word: OverrideWord }])[];

const lock = (weight: number): { word: OverrideWord } => ({ word: { action: 'lock', weight } });
const add = (weight: number): { word: OverrideWord } => ({ word: { action: 'add', weight } });
const veto: { word: OverrideWord } = { word: { action: 'veto' } };

const share = fc.double({ min: 0.01, max: 0.4, noNaN: true });
const someWord = fc.oneof(
  fc.double({ min: -0.4, max: 0.4, noNaN: true }).map((weight) => lock(weight || 0.1)),
  share.map(add),
  fc.constant(veto),
);
/** Six squares of 0.4 are less than 1: they fit into one person's vector. */
const someWords: fc.Arbitrary<Words> = fc
  .uniqueArray(fc.constantFrom(...TAGS), { maxLength: TAGS.length })
  .chain((tags) => fc.tuple(...tags.map((tag) => someWord.map((word) => [tag, word] as const))));

/** Weights beneath this are dust, and left out when vectors are read. */
const someSize = fc.double({ min: 1e-6, max: 1, noNaN: true });
const someWeight = fc.tuple(someSize, fc.boolean()).map(([size, isLiked]) => (isLiked ? size : -size));
const someLearned = fc
  .uniqueArray(fc.constantFrom(...TAGS, 'g', 'h'), { maxLength: 8 })
  .chain((tags) => fc.tuple(...tags.map((tag) => someWeight.map((weight) => [tag, weight] as const))));

/** As the reading hands it over: without settled tags, of length 1. */
function learnedBeside(entries: readonly (readonly [string, number])[], words: Words) {
  return normalise(new Map(entries.filter(([tag]) => !isSettled(new Map(words), tag))));
}

describe('a vector of taste under overrides', () => {
  it('keeps what was learned where nothing was said', () => {
    const learned = new Map([
      ['a', 0.6],
      ['b', -0.8],
    ]);
    expect(overriddenVector(learned, undefined).vector).toEqual(learned);
  });

  it('gives a locked tag its weight, and the others what is left of the length in their proportions', () => {
    const { vector, room, given } = overriddenVector(
      new Map([
        ['a', 0.8],
        ['b', -0.6],
      ]),
      new Map([['x', lock(0.6)]]),
    );
    expect(vector.get('x')).toBe(0.6);
    expect(vector.get('a')).toBeCloseTo(0.64, 12);
    expect(vector.get('b')).toBeCloseTo(-0.48, 12);
    expect(room).toBeCloseTo(0.8, 12);
    expect([...given]).toEqual(['x']);
  });

  it('gives an added tag its weight where it would have less, and leaves it what it has learned where that is more', () => {
    const learned = new Map([
      ['a', 0.8],
      ['b', 0.6],
    ]);
    expect(overriddenVector(learned, new Map([['a', add(0.5)]])).vector.get('a')).toBeCloseTo(0.8, 12);
    const raised = overriddenVector(learned, new Map([['b', add(0.7)]]));
    expect(raised.vector.get('b')).toBe(0.7);
    expect(norm(raised.vector)).toBeCloseTo(1, 12);
    // Locked at 0.9 elsewhere, 0.44 of the length is left: of that `a` would have 0.35.
    const pressed = overriddenVector(
      learned,
      new Map([
        ['x', lock(0.9)],
        ['a', add(0.4)],
      ]),
    );
    expect(pressed.vector.get('a')).toBe(0.4);
  });

  it('raises a tag beside one that was disliked and is added, only as far as it is needed', () => {
    // Without the dislike there is room for 0.45 of `a`, more than was asked for.
    const learned = new Map([
      ['a', 0.2],
      ['z', -Math.sqrt(1 - 0.04)],
    ]);
    const { vector, given } = overriddenVector(
      learned,
      new Map([
        ['a', add(0.3)],
        ['z', add(0.1)],
      ]),
    );
    expect([...given]).toEqual(['z']);
    expect(vector.get('a')).toBeCloseTo(Math.sqrt(1 - 0.01), 12);
  });

  it('is as long as what was given where nothing was learned, and never longer than 1', () => {
    expect(norm(overriddenVector(new Map(), new Map([['x', lock(0.6)]])).vector)).toBeCloseTo(0.6, 12);
    // Of several ids of one person each may have as much as a vector holds.
    const { vector, room } = overriddenVector(
      new Map([['a', 1]]),
      new Map([
        ['x', lock(1)],
        ['y', lock(-1)],
      ]),
    );
    expect([...vector]).toEqual(
      [
        ['x', Math.SQRT1_2],
        ['y', -Math.SQRT1_2],
      ].map(([tag, w]) => [tag, expect.closeTo(w as number, 12)]),
    );
    expect(room).toBe(0);
  });

  it('property: locks are exact, vetoes absent, additions reached, the length 1, whatever the order', () => {
    fc.assert(
      fc.property(someLearned, someWords, fc.nat(), (entries, words, turn) => {
        const learned = learnedBeside(entries, words);
        const { vector, room, given } = overriddenVector(learned, new Map(words));
        for (const [tag, { word }] of words) {
          if (word.action === 'lock') expect(vector.get(tag)).toBe(word.weight);
          else if (word.action === 'veto') expect(vector.has(tag)).toBe(false);
          else expect(vector.get(tag)).toBeGreaterThanOrEqual(word.weight);
        }
        for (const [tag, weight] of learned) {
          if (!given.has(tag)) expect(vector.get(tag)).toBeCloseTo(weight * room, 12);
        }
        const isAnyLeft = [...learned.keys()].some((tag) => !given.has(tag));
        if (isAnyLeft) expect(norm(vector)).toBeCloseTo(1, 9);
        // No addition was given that would have been reached by what was learned.
        for (const [tag, { word }] of words) {
          if (word.action !== 'add' || !given.has(tag)) continue;
          expect((learned.get(tag) ?? 0) * room).toBeLessThan(word.weight);
        }
        const at = words.length === 0 ? 0 : turn % words.length;
        const turned = overriddenVector(learned, new Map([...words.slice(at), ...words.slice(0, at)]));
        expect(turned.given).toEqual(given);
        for (const [tag, weight] of vector) expect(turned.vector.get(tag)).toBeCloseTo(weight, 12);
      }),
    );
  });
});
