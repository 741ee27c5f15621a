import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { serve } from './serve.js';

const require = createRequire(import.meta.url);
const reflectionProto = join(
  dirname(require.resolve('@grpc/reflection')),
  '../proto/grpc/reflection/v1/reflection.proto',
);

interface Answer {
  listServicesResponse?: { service: { name: string }[] };
  fileDescriptorResponse?: { fileDescriptorProto: Buffer[] };
  errorResponse?: { errorMessage: string };
}

/** What grpcurl does: one question on the reflection stream. */
async function reflect(address: string, question: object): Promise<Answer> {
  const { ServerReflectionInfo } = loadSync(reflectionProto)[
    'grpc.reflection.v1.ServerReflection'
  ] as unknown as Record<
    string,
    { path: string; requestSerialize: (v: object) => Buffer; responseDeserialize: (b: Buffer) => Answer }
  >;
  if (ServerReflectionInfo === undefined) throw new Error('no reflection in its own proto');
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = ServerReflectionInfo;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return new Promise<Answer>((resolve, reject) => {
    stream.on('data', resolve).on('error', reject);
    stream.write(question);
    stream.end();
  }).finally(() => client.close());
}

/** The descriptors as text: names of services, methods and messages stand in them as they are. */
function descriptorsIn(answer: Answer): string {
  return Buffer.concat(answer.fileDescriptorResponse?.fileDescriptorProto ?? []).toString('latin1');
}

describe('reflection', () => {
  it('lists every service, health included', async () => {
    const { address } = await serve();
    const { listServicesResponse } = await reflect(address, { listServices: '*' });
    expect(listServicesResponse?.service.map(({ name }) => name).sort()).toEqual([
      'grpc.health.v1.Health',
      'tagrank.v1.BehaviourService',
      'tagrank.v1.CatalogService',
      'tagrank.v1.RecommendationService',
      'tagrank.v1.TagService',
      'tagrank.v1.TouchService',
      'tagrank.v1.UserService',
    ]);
  });

  it.each([
    ['tagrank.v1.RecommendationService', ['tagrank.v1', 'RankRequest', 'candidate_ids']],
    ['tagrank.v1.TouchService', ['ReserveTouch', 'not_before', 'google.protobuf', 'Timestamp']],
    ['grpc.health.v1.Health', ['grpc.health.v1', 'Check', 'HealthCheckRequest']],
  ])('describes %s with the types that it uses', async (symbol, expected) => {
    const { address } = await serve();
    const answer = await reflect(address, { fileContainingSymbol: symbol });
    expect(answer.errorResponse).toBeFalsy();
    for (const name of expected) expect(descriptorsIn(answer)).toContain(name);
  });
});
