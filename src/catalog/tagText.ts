import type { TagField } from '../core/vocabulary.js';

/** One spelling for texts that differ in width, case or spacing: `Ｃotton  Blend ` is `cotton blend`. */
export function normaliseTagText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/**
 * The keys of a category path, widest first: `['Grocery', 'Bread']` gives `grocery` and
 * `grocery/bread`. The last one is the leaf category. Levels that normalise to nothing are left out.
 */
export function categoryKeys(path: readonly string[]): string[] {
  const keys: string[] = [];
  for (const level of path) {
    const name = normaliseTagText(level).replaceAll('/', '-');
    if (name !== '') keys.push(keys.length === 0 ? name : `${keys.at(-1)}/${name}`);
  }
  return keys;
}

/** The part of the product that a tag speaks of, read from its name (see `IntrinsicTag`). */
export function fieldOfTag(tag: string): TagField {
  const name = tag.slice(0, tag.indexOf(':'));
  return name === 'category' || name === 'brand' || name === 'title' ? name : 'attribute';
}

/** The one spelling of a tag `field:value` that somebody wrote; undefined for what is none. */
export function normaliseTag(text: string): string | undefined {
  const spelled = normaliseTagText(text);
  const colon = spelled.indexOf(':');
  if (colon === -1) return undefined;
  const [name, value] = [spelled.slice(0, colon).trim(), spelled.slice(colon + 1).trim()];
  const shown = name === 'category' ? (categoryKeys(value.split('/')).at(-1) ?? '') : value;
  return name === '' || shown === '' ? undefined : `${name}:${shown}`;
}
