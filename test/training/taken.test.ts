import { expect, it } from 'vitest';
import { gradeOf, TAKEN, takenBy } from '../../src/training/taken.js';

it('whatever was taken was clicked; what else was done with it is told apart', () => {
  expect(takenBy('browse')).toBe(TAKEN.click);
  expect(takenBy('add_to_cart')).toBe(TAKEN.click | TAKEN.cart);
  expect(takenBy('favourite')).toBe(TAKEN.click | TAKEN.cart);
  expect(takenBy('purchase')).toBe(TAKEN.click | TAKEN.purchase);
});

it('a purchase is graded above all else, whatever came with it', () => {
  expect(gradeOf(0)).toBe(0);
  expect(gradeOf(takenBy('browse'))).toBe(1);
  expect(gradeOf(takenBy('browse') | takenBy('add_to_cart'))).toBe(1);
  expect(gradeOf(takenBy('purchase'))).toBe(2);
  expect(gradeOf(takenBy('favourite') | takenBy('purchase'))).toBe(2);
});
