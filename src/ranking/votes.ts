/** What the visits most like a person's latest one say of a product. */
export interface Vote {
  readonly score: number;
  /** Share of the highest score, 0–1. */
  readonly share: number;
  /** Place by score, from 0. */
  readonly place: number;
}

/** Votes in order, highest first; ties by ordinal. */
export function placed(scores: ReadonlyMap<number, number>): Map<number, Vote> {
  const order = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const top = order[0]?.[1] ?? 1;
  return new Map(order.map(([ordinal, score], place) => [ordinal, { score, share: score / top, place }]));
}
