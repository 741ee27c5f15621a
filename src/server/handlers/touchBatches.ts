import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { FailedPreconditionError, InvalidInputError, UnavailableError } from '../../core/errors.js';
import type { Language } from '../../core/vocabulary.js';
import type {
  CanTouchBatchRequest,
  CanTouchBatchResponse,
  CanTouchResult,
  ReserveTouchBatchRequest,
  ReserveTouchBatchResponse,
  ReserveTouchResult,
} from '../../gen/tagrank/v1/touch.js';
import { type Answer, isRefusal, orRefusal, type Refusal } from '../../touch/touchBatch.js';
import { batchStream } from '../batchStream.js';
import type { CallContext } from '../callContext.js';
import { checkBatch, toNumber } from '../convert/scalars.js';
import { fromDecision, fromPermit, toQuestion, toReserveInput } from '../convert/touch.js';
import { fromViolations } from '../convert/violations.js';

/** Decided in a few hundredths of a second, and answered in less than a megabyte. */
const MAX_TOUCH_BATCH = 1_000;

export function canTouchBatch(
  context: CallContext,
): handleBidiStreamingCall<CanTouchBatchRequest, CanTouchBatchResponse> {
  return batchStream(context, {
    async answer({ questions, ttlMs }: CanTouchBatchRequest): Promise<CanTouchBatchResponse> {
      checkBatch('questions', questions, MAX_TOUCH_BATCH);
      const asked = questions.map((question, i) => orInvalid(() => toQuestion(question, `questions[${i}]`)));
      const answers = await context.useCases.touch.canTouchBatch(
        asked.map((one) =>
          one instanceof InvalidInputError ? one : { ...one.question, ttlMs: toNumber(ttlMs) },
        ),
      );
      tellUndecided(context, answers);
      const results = answers.map(
        (answer, i): CanTouchResult =>
          isRefusal(answer)
            ? refusedResult(answer, `questions[${i}]`)
            : { ...DECIDED, decision: fromDecision(answer, languageOf(asked[i])) },
      );
      return { results, messageNumber: 0n, violations: [] };
    },
    refuse: (violations) => ({ results: [], messageNumber: 0n, violations: [...violations] }),
  });
}

export function reserveTouchBatch(
  context: CallContext,
): handleBidiStreamingCall<ReserveTouchBatchRequest, ReserveTouchBatchResponse> {
  return batchStream(context, {
    async answer({ reservations }: ReserveTouchBatchRequest): Promise<ReserveTouchBatchResponse> {
      checkBatch('reservations', reservations, MAX_TOUCH_BATCH);
      const asked = reservations.map((reservation, i) =>
        orInvalid(() => toReserveInput(reservation, `reservations[${i}].question`)),
      );
      const answers = await context.useCases.touch.reserveTouchBatch(asked);
      tellUndecided(context, answers);
      const results = answers.map((answer, i): ReserveTouchResult => {
        if (isRefusal(answer)) {
          return {
            ...refusedResult(answer, `reservations[${i}]`),
            permit: undefined,
            repeated: false,
            wasTaken: false,
          };
        }
        const { decision, permit, repeated, wasTaken } = answer;
        return {
          ...DECIDED,
          decision: fromDecision(decision, languageOf(asked[i])),
          permit: permit === undefined ? undefined : fromPermit(permit),
          repeated,
          wasTaken,
        };
      });
      return { results, messageNumber: 0n, violations: [] };
    },
    refuse: (violations) => ({ results: [], messageNumber: 0n, violations: [...violations] }),
  });
}

const DECIDED = { violations: [], unavailable: false };

function refusedResult(refusal: Refusal, field: string): CanTouchResult {
  if (refusal instanceof InvalidInputError) {
    return { decision: undefined, violations: fromViolations(refusal.violations), unavailable: false };
  }
  if (refusal instanceof FailedPreconditionError) {
    const [, rule = refusal.message] = /^request_id: (.*)$/s.exec(refusal.message) ?? [];
    return {
      decision: undefined,
      violations: [{ field: `${field}.request_id`, rule }],
      unavailable: false,
    };
  }
  return { decision: undefined, violations: [], unavailable: true };
}

/**
 * Says in the log why people have no answer. An engine that is away should end a stream at once, not
 * answer it message after message with nothing: throws when it is everybody.
 */
function tellUndecided({ logger }: CallContext, answers: readonly Answer<unknown>[]): void {
  const undecided = answers.filter((answer) => answer instanceof UnavailableError);
  const [first] = undecided;
  if (first === undefined) return;
  if (undecided.length === answers.length) throw first;
  logger.error({ err: first, undecided: undecided.length }, 'questions of a batch not answered');
}

function orInvalid<Asked>(work: () => Asked): Asked | InvalidInputError {
  const asked = orRefusal(work);
  if (isRefusal(asked) && !(asked instanceof InvalidInputError)) throw asked;
  return asked;
}

function languageOf(asked: { readonly language: Language } | InvalidInputError | undefined): Language {
  return asked === undefined || asked instanceof InvalidInputError ? 'en' : asked.language;
}
