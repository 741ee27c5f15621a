import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { UnavailableError } from '../../../src/core/errors.js';

const PATIENCE_MS = 15_000;

/** A busy machine may be late for a page, but after all is healed not for long. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as ServiceError;
      const mayPass =
        error instanceof UnavailableError || code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
      if (!mayPass || performance.now() > endMs) throw error;
      await sleep(100);
    }
  }
}
