import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { spendingLevel } from '../../src/tags/spending.js';
import type { UserState } from '../../src/tags/userState.js';
import { longTermVector, shopAffinity, shortTermVector } from '../../src/tags/userVectors.js';
import type { Readings } from './readings.js';

/** Every number that ranking and tag reports read of a person. */
export function userReadings(user: UserState, nowMs: number): Readings {
  const readings: Readings = new Map();
  const reading = { nowMs, weights: STARTING_WEIGHTS, idf: () => 1 };
  for (const [tag, weight] of longTermVector(user, reading)) readings.set(`long ${tag}`, weight);
  for (const [tag, weight] of shortTermVector(user, reading)) readings.set(`short ${tag}`, weight);
  for (const [tag, byType] of user.longTerm) {
    for (const [type, { count, lastAtMs }] of byType) {
      readings.set(`count ${tag} ${type}`, count);
      readings.set(`last ${tag} ${type}`, lastAtMs);
    }
  }
  for (const [shopId, { byType, purchaseDays }] of user.shops) {
    readings.set(`affinity ${shopId}`, shopAffinity(byType, reading));
    for (const day of purchaseDays) readings.set(`ordered ${shopId} on ${day}`, 1);
  }
  for (const [productId, { firstAtMs, lastAtMs, purchaseDays }] of user.products) {
    readings.set(`first ${productId}`, firstAtMs);
    readings.set(`latest ${productId}`, lastAtMs);
    for (const day of purchaseDays) readings.set(`bought ${productId} on ${day}`, 1);
  }
  for (const category of [undefined, 'clothing/shirts', 'clothing/summer', 'home/kettles']) {
    const { mean, variance, evidence } = spendingLevel(user.spending, category, nowMs);
    readings.set(`spending mean ${category}`, mean);
    readings.set(`spending variance ${category}`, variance);
    readings.set(`spending evidence ${category}`, evidence);
  }
  return readings;
}
