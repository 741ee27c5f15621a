import type { AttributeOrder } from '../touch/attributeOrder.js';
import type { CanTouch } from '../touch/canTouch.js';
import type { CanTouchBatch } from '../touch/canTouchBatch.js';
import type { CommitTouch } from '../touch/commitTouch.js';
import type { RecordOutcome } from '../touch/recordOutcome.js';
import type { ReleaseTouch } from '../touch/releaseTouch.js';
import type { ReserveTouch } from '../touch/reserveTouch.js';
import type { ReserveTouchBatch } from '../touch/reserveTouchBatch.js';
import type { GetTouchHistory } from '../touch/touchHistory.js';
import type { TouchPolicy } from '../touch/touchPolicy.js';

/** What the touch service needs of the touch room; the promises of `UseCases` hold here too. */
export interface TouchUseCases {
  readonly canTouch: CanTouch;
  readonly canTouchBatch: CanTouchBatch;
  readonly reserveTouch: ReserveTouch;
  readonly reserveTouchBatch: ReserveTouchBatch;
  readonly commitTouch: CommitTouch;
  readonly releaseTouch: ReleaseTouch;
  readonly recordOutcome: RecordOutcome;
  readonly getHistory: GetTouchHistory;
  readonly attributeOrder: AttributeOrder;
  /** The policy in force now. */
  readonly policy: () => TouchPolicy;
  /** `PolicyInForce.set`. */
  readonly setPolicy: (policy: TouchPolicy) => Promise<number>;
}
