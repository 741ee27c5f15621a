import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimezone, type RawUser, validateUser } from '../../src/identity/validateUser.js';

describe('validateUser', () => {
  it('keeps what is right', () => {
    const user = {
      userId: 'u1',
      gender: 'female',
      ageBand: '25-29',
      region: '浙江',
      timezone: 'Asia/Shanghai',
      attributes: { household_size: '3' },
    };
    expect(validateUser(user, 'users[0]')).toEqual({ ok: true, value: user });
    expect(validateUser({ userId: 'u1', timezone: '' }, '')).toEqual({
      ok: true,
      value: { userId: 'u1', attributes: {} },
    });
  });

  it('names every mistake at once, each by its path', () => {
    const raw = {
      userId: '',
      gender: 'x'.repeat(129),
      timezone: 'Mars/Olympus',
      attributes: { a: Number.NaN },
    };
    expect(validateUser(raw, 'users[2]')).toEqual({
      ok: false,
      violations: [
        { field: 'users[2].user_id', rule: 'must not be empty' },
        { field: 'users[2].gender', rule: 'must be at most 128 bytes' },
        { field: 'users[2].timezone', rule: 'must be an IANA time zone such as Asia/Shanghai' },
        { field: 'users[2].attributes["a"]', rule: 'must be a finite number' },
      ],
    });
  });

  it('knows zones and their aliases, but takes no offset for a zone', () => {
    expect(
      ['UTC', 'Asia/Kolkata', 'Asia/Calcutta', 'America/Sao_Paulo'].filter((name) => !isTimezone(name)),
    ).toEqual([]);
    expect(['+08:00', '', 'China Standard Time', 'Asia'].filter(isTimezone)).toEqual([]);
  });

  it('never throws on arbitrary input', () => {
    const loose = fc.record({ userId: fc.string(), timezone: fc.string(), attributes: fc.object() });
    fc.assert(
      fc.property(fc.oneof(loose, fc.anything()), (raw) => {
        const checked = validateUser(raw as RawUser, 'users[0]');
        if (!checked.ok) return checked.violations.length > 0;
        return Object.values(checked.value.attributes).every((value) => typeof value === 'string');
      }),
    );
  });
});
