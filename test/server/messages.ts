import type { Client, ServiceError } from '@grpc/grpc-js';
import { credentials, Client as GrpcClient, status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { Behaviour } from '../../src/gen/tagrank/v1/behaviour.js';
import { BehaviourType } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toTimestamp } from '../../src/server/client.js';
import { NOW_MS } from './fakeUseCases.js';

/** A good event; `partial` says what a test is about. */
export function anEvent(partial: Parameters<typeof Behaviour.fromPartial>[0] = {}): Behaviour {
  return Behaviour.fromPartial({
    eventId: 'e1',
    type: BehaviourType.PURCHASE,
    userId: 'u1',
    productId: 'p1',
    occurredAt: toTimestamp(NOW_MS - 1_000),
    ...partial,
  });
}

/** What the call was refused with; fails the test when it was not. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: string; details: string; error: ServiceError }> {
  const error = await call.then(
    (answer) => expect.fail(`should have been refused, was answered ${String(answer)}`),
    (reason: ServiceError) => reason,
  );
  return { code: status[error.code], details: error.details, error };
}

/** Sends bytes as they are, as a client with a broken serializer does. */
export function sendBytes<Response>(
  address: string,
  {
    method,
    bytes,
  }: { method: { path: string; responseDeserialize: (value: Buffer) => Response }; bytes: Uint8Array },
): Promise<Response> {
  const client: Client = new GrpcClient(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
  return new Promise<Response>((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      (value: Uint8Array) => Buffer.from(value),
      method.responseDeserialize,
      bytes,
      (error, response) => (error === null ? resolve(response as Response) : reject(error)),
    );
  }).finally(() => client.close());
}
