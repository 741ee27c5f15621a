/**
 * Those of `products` with the highest `scores` (by product), best first, at most `k`; only scores
 * above 0 count. Equal scores go by the lower product, so that a run can be repeated. O(n log k), by
 * a heap whose root is the worst product kept.
 */
export function topProducts(products: Iterable<number>, scores: Float64Array, k: number): number[] {
  const heap: number[] = [];
  if (k <= 0) return heap;
  for (const product of products) {
    if (!((scores[product] as number) > 0)) continue;
    if (heap.length < k) {
      heap.push(product);
      rise(heap, scores);
    } else if (isBetter(product, heap[0] as number, scores)) {
      heap[0] = product;
      sink(heap, scores);
    }
  }
  return heap.sort((a, b) => (isBetter(a, b, scores) ? -1 : 1));
}

function isBetter(a: number, b: number, scores: Float64Array): boolean {
  const scoreA = scores[a] as number;
  const scoreB = scores[b] as number;
  return scoreA > scoreB || (scoreA === scoreB && a < b);
}

function rise(heap: number[], scores: Float64Array): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBetter(heap[parent] as number, heap[at] as number, scores)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink(heap: number[], scores: Float64Array): void {
  let at = 0;
  for (;;) {
    let worst = at;
    for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++) {
      if (isBetter(heap[worst] as number, heap[child] as number, scores)) worst = child;
    }
    if (worst === at) return;
    swap(heap, at, worst);
    at = worst;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const held = heap[a] as number;
  heap[a] = heap[b] as number;
  heap[b] = held;
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

/** `values` with room for `length` of them, 0 for each new one; itself when it has the room. */
export function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (values.length >= length) return values;
  // Half as much again, so that growing one by one costs little.
  const wider = new Float64Array(Math.max(length, Math.ceil(values.length * 1.5)));
  wider.set(values);
  return wider;
}
