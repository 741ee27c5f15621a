import { randomUUID } from 'node:crypto';
import { DAY_MS, MINUTE_MS, ttl } from '../../src/core/time.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { newPermitId } from '../../src/touch/permitId.js';
import { commitInLog, reserveInLog } from '../../src/touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, type UserTouchLog } from '../../src/touch/userTouchLog.js';
import { NOON_MS } from './builders.js';

const GAP_MS = 2.7 * DAY_MS;
const SENT_AFTER_MS = 21_437;

/** Twelve e-mails and pushes of three shops within a month, each reserved and sent, under the shipped policy. */
export function twelveTouches(
  userId: string,
  requestIdOf: (place: number) => string = () => randomUUID(),
): UserTouchLog {
  const policy = defaultTouchPolicy();
  let log = EMPTY_TOUCH_LOG;
  for (let place = 0; place < 12; place += 1) {
    const channel = place % 3 === 0 ? 'push' : 'email';
    const permitId = newPermitId({ userId, channel });
    const nowMs = NOON_MS + place * GAP_MS;
    const { log: reserved, outcome } = reserveInLog(log, {
      userId,
      requestId: requestIdOf(place),
      permitId,
      content: {
        channel,
        campaignType: 'promotion',
        shopId: `shop-${1_000 + (place % 3)}`,
        campaignId: `june-sale-${place}`,
      },
      policy,
      timezone: 'UTC',
      nowMs,
      ttlMs: ttl(10 * MINUTE_MS),
    });
    if (outcome.kind !== 'granted') throw new Error(`touch ${place} was ${outcome.kind}`);
    log = commitInLog(reserved, { permitId, nowMs: nowMs + SENT_AFTER_MS + place }).log;
  }
  return log;
}
