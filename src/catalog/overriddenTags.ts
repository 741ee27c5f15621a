import type { IntrinsicTag } from './intrinsicTags.js';
import type { WordsByTag } from './overrideWord.js';
import { fieldOfTag } from './tagText.js';

/**
 * Tags of a product or shop as an operator has them read: locked ones with exactly the weight given,
 * added ones with at least that, vetoed ones not at all. What was not there stands at the end, in the
 * order in which it was said.
 */
export function overriddenTags(tags: readonly IntrinsicTag[], words: WordsByTag): IntrinsicTag[] {
  const shown: IntrinsicTag[] = [];
  const own = new Set<string>();
  for (const known of tags) {
    own.add(known.tag);
    const word = words.get(known.tag)?.word;
    if (word === undefined) shown.push(known);
    else if (word.action === 'lock') shown.push({ ...known, weight: word.weight });
    else if (word.action === 'add') shown.push({ ...known, weight: Math.max(known.weight, word.weight) });
  }
  for (const [tag, { word }] of words) {
    if (own.has(tag) || word.action === 'veto') continue;
    shown.push({ tag, field: fieldOfTag(tag), weight: word.weight });
  }
  return shown;
}
