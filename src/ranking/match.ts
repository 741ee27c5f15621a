import type { CatalogIndex } from '../catalog/catalogIndex.js';

/** Cosine of a person's vector (by tag ordinal, length 1) and a product's tags weighted by idf. */
export function cosineWithProduct(
  vector: ReadonlyMap<number, number>,
  ordinal: number,
  catalog: CatalogIndex,
): number {
  if (vector.size === 0) return 0;
  const { tags, weights } = catalog.tagsAt(ordinal);
  let dot = 0;
  let squares = 0;
  for (let i = 0; i < tags.length; i++) {
    const tag = tags[i] as number;
    const weight = (weights[i] as number) * catalog.idfAt(tag);
    squares += weight * weight;
    dot += weight * (vector.get(tag) ?? 0);
  }
  return squares === 0 ? 0 : dot / Math.sqrt(squares);
}
