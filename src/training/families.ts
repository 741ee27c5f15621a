/**
 * The families of models that `models/train/fit.py` fits: LambdaMART (gradient-boosted trees), and a
 * network of several tasks (click, cart, purchase).
 */
export const FAMILIES = ['trees', 'network'] as const;
export type Family = (typeof FAMILIES)[number];

/** What `tagrank train` may be asked for: one family, or the better of all. */
export const FAMILY_CHOICES = [...FAMILIES, 'best'] as const;
export type FamilyChoice = (typeof FAMILY_CHOICES)[number];

/** Scoring runs on the thread that answers, so that a request may spend this much on it. */
export const SERVING_BUDGET_MS = 0.5;

/** What families are chosen by. */
export interface FamilyFigures {
  readonly family: Family;
  /** NDCG@20 on the held-back queries, which are the same to all. */
  readonly heldBackNdcg20: number;
  /** Milliseconds of scoring `SERVING_ROWS` rows on one thread. */
  readonly servingMs: number;
}

/**
 * Of those that serve within the budget the first, unless a later one orders better beyond noise (`isAhead`); where
 * none does, the cheapest. `fitted` has one at least, in the order of `FAMILIES`: where held-back queries cannot
 * tell trees from a network, whole pages rate trees higher (`docs/decisions/0022`).
 */
export function chooseFamily<Figures extends FamilyFigures>(
  fitted: readonly Figures[],
  { budgetMs, isAhead }: { budgetMs: number; isAhead: (one: Figures, other: Figures) => boolean },
): Figures {
  const within = fitted.filter(({ servingMs }) => servingMs <= budgetMs);
  return within.length > 0
    ? within.reduce((best, each) => (isAhead(each, best) ? each : best))
    : fitted.reduce((cheapest, each) => (each.servingMs < cheapest.servingMs ? each : cheapest));
}
