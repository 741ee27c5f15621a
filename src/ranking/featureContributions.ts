import { seededRandom } from '../core/random.js';

/** Orders in which features are told, each also backwards. */
const ORDERS = 16;

/**
 * How much each feature of one row adds to what the scorer gives it, against a row of which nothing is known
 * (`unknown`): Shapley values, estimated over orders in which the features are told one by one (Štrumbelj and
 * Kononenko, KAIS 2014), each order also backwards (Mitchell et al., JMLR 2022). Whatever the orders,
 * the parts add up to the score of the row less that of the unknown one; more orders only share
 * fairer between features that speak of the same thing. Asks the scorer once, for some 1,300 rows.
 */
export async function featureContributions({
  row,
  unknown,
  scoreRows,
  seed,
}: {
  row: Float32Array;
  unknown: Float32Array;
  scoreRows: (matrix: Float32Array, rows: number) => Promise<Float32Array>;
  /** Of the orders. */
  seed: number;
}): Promise<{ readonly base: number; readonly parts: Float64Array }> {
  const orders = ordersOf(row.length, seed);
  const width = row.length;
  const matrix = new Float32Array(orders.length * (width + 1) * width);
  let at = 0;
  for (const order of orders) {
    const told = Float32Array.from(unknown);
    matrix.set(told, at);
    for (const feature of order) {
      at += width;
      told[feature] = row[feature] as number;
      matrix.set(told, at);
    }
    at += width;
  }
  const scores = await scoreRows(matrix, matrix.length / width);
  const parts = new Float64Array(width);
  let step = 0;
  for (const order of orders) {
    for (const feature of order) {
      const gained = (scores[step + 1] as number) - (scores[step] as number);
      parts[feature] = (parts[feature] as number) + gained / orders.length;
      step += 1;
    }
    step += 1;
  }
  return { base: scores[0] as number, parts };
}

function ordersOf(count: number, seed: number): number[][] {
  const random = seededRandom(seed);
  const orders: number[][] = [];
  for (let i = 0; i < ORDERS; i++) {
    const order = Array.from({ length: count }, (_, feature) => feature);
    for (let j = count - 1; j > 0; j--) {
      const k = Math.floor(random() * (j + 1));
      [order[j], order[k]] = [order[k] as number, order[j] as number];
    }
    orders.push(order, [...order].reverse());
  }
  return orders;
}
