import type { TouchServiceServer } from '../../gen/tagrank/v1/touch.js';
import type { CallContext } from '../callContext.js';
import { toNumber, toTimestamp } from '../convert/scalars.js';
import {
  fromDecision,
  fromPermit,
  toQuestion,
  toRecordOutcomeInput,
  toReserveInput,
} from '../convert/touch.js';
import { fromAttribution, fromHistoryEntry, toHistoryInput, toOrder } from '../convert/touchHistory.js';
import { fromTouchPolicy, toTouchPolicy } from '../convert/touchPolicy.js';
import { unaryCall } from '../unaryCall.js';
import { canTouchBatch, reserveTouchBatch } from './touchBatches.js';

export function touchHandlers(context: CallContext): TouchServiceServer {
  const { touch } = context.useCases;
  return {
    canTouch: unaryCall(context, async (request) => {
      const { question, language } = toQuestion(request.question);
      const input = { ...question, ttlMs: toNumber(request.ttlMs) };
      return { decision: fromDecision(await touch.canTouch(input), language) };
    }),
    canTouchBatch: canTouchBatch(context),
    reserveTouch: unaryCall(context, async (request) => {
      const { language, ...input } = toReserveInput(request);
      const { decision, permit, repeated, wasTaken } = await touch.reserveTouch(input);
      return {
        decision: fromDecision(decision, language),
        permit: permit === undefined ? undefined : fromPermit(permit),
        repeated,
        wasTaken,
      };
    }),
    reserveTouchBatch: reserveTouchBatch(context),
    commitTouch: unaryCall(context, async ({ permitId, onlyIfHeld }) => {
      const { late, taken, committedAtMs, repeated } = await touch.commitTouch({ permitId, onlyIfHeld });
      return { late, taken, committedAt: toTimestamp(committedAtMs), repeated };
    }),
    releaseTouch: unaryCall(context, async ({ permitId }) => {
      return touch.releaseTouch({ permitId });
    }),
    recordOutcome: unaryCall(context, async (request) => {
      await touch.recordOutcome(toRecordOutcomeInput(request));
      return {};
    }),
    getTouchPolicy: unaryCall(context, async () => ({ policy: fromTouchPolicy(touch.policy()) })),
    setTouchPolicy: unaryCall(context, async ({ policy }) => ({
      version: BigInt(await touch.setPolicy(toTouchPolicy(policy))),
    })),
    getTouchHistory: unaryCall(context, async (request) => {
      const { input, language } = toHistoryInput(request);
      const { entries, nextPageToken } = await touch.getHistory(input);
      return { entries: entries.map((entry) => fromHistoryEntry(entry, language)), nextPageToken };
    }),
    attributeOrder: unaryCall(context, async (request) => {
      const { order, language } = toOrder(request);
      return fromAttribution(await touch.attributeOrder(order), language);
    }),
  };
}
