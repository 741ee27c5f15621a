/** How often what happened, by two names: `rank` `full`, say. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  add(group: string, name: string, count = 1): void {
    const names = this.#counts.get(group) ?? new Map<string, number>();
    this.#counts.set(group, names);
    names.set(name, (names.get(name) ?? 0) + count);
  }

  of(group: string, name: string): number {
    return this.#counts.get(group)?.get(name) ?? 0;
  }

  /** Groups in the order in which they first came, the most frequent names first. */
  groups(): [string, [string, number][]][] {
    return [...this.#counts].map(([group, names]) => [group, [...names].sort(([, a], [, b]) => b - a)]);
  }
}
