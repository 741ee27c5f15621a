import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRfc3339 } from '../../src/importing/rfc3339.js';

describe('RFC 3339 times', () => {
  it.each([
    ['2024-05-01T09:30:00Z', Date.UTC(2024, 4, 1, 9, 30)],
    ['2024-05-01T17:30:00+08:00', Date.UTC(2024, 4, 1, 9, 30)],
    ['2024-05-01t04:00:00.25-05:30', Date.UTC(2024, 4, 1, 9, 30, 0, 250)],
    ['2024-02-29 00:00:00.123999z', Date.UTC(2024, 1, 29, 0, 0, 0, 123)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ])('reads %s', (text, ms) => {
    expect(parseRfc3339(text)).toBe(ms);
  });

  it.each([
    '2024-05-01',
    '2024-05-01T09:30:00',
    '2024-05-01T09:30Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-05-01T24:00:00Z',
    '2024-05-01T09:60:00Z',
    '2024-05-01T09:30:00+24:00',
    '1714555800000',
    'yesterday',
    '',
  ])('does not read "%s"', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('reads back what Date writes', () => {
    const anyTime = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(fc.property(anyTime, (date) => parseRfc3339(date.toISOString()) === date.getTime()));
  });
});
