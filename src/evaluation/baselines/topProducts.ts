type Scored = readonly [product: number, score: number];

/**
 * The products with the highest scores, best first, at most `k`; only scores above 0 count. Equal
 * scores go by the lower index, so that a run can be repeated. O(n log k), by a heap whose root is
 * the worst product kept.
 */
export function topProducts(scores: Iterable<Scored>, k: number): number[] {
  const heap: Scored[] = [];
  for (const entry of scores) {
    if (!(entry[1] > 0)) continue;
    if (heap.length < k) {
      heap.push(entry);
      rise(heap);
    } else if (k > 0 && isBetter(entry, heap[0] as Scored)) {
      heap[0] = entry;
      sink(heap);
    }
  }
  return heap.sort((a, b) => (isBetter(a, b) ? -1 : 1)).map(([product]) => product);
}

function isBetter(a: Scored, b: Scored): boolean {
  return a[1] > b[1] || (a[1] === b[1] && a[0] < b[0]);
}

function rise(heap: Scored[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBetter(heap[parent] as Scored, heap[at] as Scored)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink(heap: Scored[]): void {
  let at = 0;
  for (;;) {
    let worst = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isBetter(heap[worst] as Scored, heap[child] as Scored)) worst = child;
    }
    if (worst === at) return;
    swap(heap, at, worst);
    at = worst;
  }
}

function swap(heap: Scored[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as Scored, heap[a] as Scored];
}

/** `first`, filled up from `rest` to at most `k` different products. */
export function fillUp(first: readonly number[], rest: readonly number[], k: number): number[] {
  const filled = first.slice(0, k);
  const present = new Set(filled);
  for (const product of rest) {
    if (filled.length >= k) break;
    if (!present.has(product)) filled.push(product);
  }
  return filled;
}
