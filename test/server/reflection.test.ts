import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
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

/** What a strict reader such as grpcurl makes of the files: throws when an import or a type is missing. */
function readStrictly(answer: Answer): FileRegistry {
  const files = (answer.fileDescriptorResponse?.fileDescriptorProto ?? []).map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );
  const [main] = files;
  if (main === undefined) throw new Error(`no files: ${answer.errorResponse?.errorMessage}`);
  return createFileRegistry(main, (name) => files.find((file) => file.name === name));
}

describe('reflection', () => {
  it('lists every service, health included', async () => {
    const { address } = await serve();
    const { listServicesResponse } = await reflect(address, { listServices: '*' });
    expect(listServicesResponse?.service.map(({ name }) => name).sort()).toEqual([
      'grpc.health.v1.Health',
      'tagrank.v1.BehaviourService',
      'tagrank.v1.CatalogService',
      'tagrank.v1.FairnessService',
      'tagrank.v1.ModelService',
      'tagrank.v1.RecommendationService',
      'tagrank.v1.TagService',
      'tagrank.v1.TouchService',
      'tagrank.v1.UserService',
    ]);
  });

  it.each([
    ['tagrank.v1.BehaviourService', 'tagrank.v1.Behaviour', ['eventId', 'occurredAt']],
    ['tagrank.v1.CatalogService', 'tagrank.v1.Product', ['productId', 'attributes', 'priceMinor']],
    ['tagrank.v1.RecommendationService', 'tagrank.v1.RankRequest', ['userId', 'candidateIds']],
    ['tagrank.v1.TagService', 'tagrank.v1.GetTagsRequest', ['userId', 'watermark']],
    ['tagrank.v1.TouchService', 'tagrank.v1.Decision', ['kind', 'notBefore']],
    ['tagrank.v1.UserService', 'tagrank.v1.User', ['userId', 'timezone']],
    ['grpc.health.v1.Health', 'grpc.health.v1.HealthCheckRequest', ['service']],
  ])('describes %s with every type that it uses', async (service, message, fields) => {
    const { address } = await serve();
    const registry = readStrictly(await reflect(address, { fileContainingSymbol: service }));
    expect(registry.getService(service)?.methods.length).toBeGreaterThan(0);
    const names = registry.getMessage(message)?.fields.map(({ localName }) => localName);
    expect(names).toEqual(expect.arrayContaining(fields));
  });
});
