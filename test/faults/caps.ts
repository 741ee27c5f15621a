import type { TouchPlace } from './checks/overshoot.js';

/** A rolling cap of the run: all of a user, or apart for each channel or shop of theirs. */
export interface RollingCap {
  readonly ruleId: string;
  readonly scope: readonly ('channel' | 'shop')[];
  readonly windowMs: number;
  readonly cap: number;
}

/** Small and short, so that a run of a minute or two fills each of them many times over. */
export const SHORT_CAPS: readonly RollingCap[] = [
  { ruleId: 'all_together', scope: [], windowMs: 6_000, cap: 4 },
  { ruleId: 'each_channel', scope: ['channel'], windowMs: 4_000, cap: 2 },
  { ruleId: 'each_shop', scope: ['shop'], windowMs: 8_000, cap: 3 },
];

/** Caps as a file for `TAGRANK_TOUCH_POLICY`. */
export function policyFile(caps: readonly RollingCap[]): string {
  return JSON.stringify({
    version: 1,
    caps: caps.map(({ ruleId, scope, windowMs, cap }) => ({
      rule_id: ruleId,
      scopes: scope,
      window: { rolling_ms: windowMs },
      cap,
    })),
  });
}

/** What a cap counts together: touches with the same text share its slots. */
export function slotsOf({ scope }: RollingCap, touch: TouchPlace): string {
  return [touch.userId, ...scope.map((part) => (part === 'channel' ? touch.channel : touch.shopId))].join(
    '|',
  );
}
