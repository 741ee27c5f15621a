import { readFileSync } from 'node:fs';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ReflectionService } from '@grpc/reflection';

/**
 * Descriptors of the contract and of the health service with their comments, written by
 * `npm run generate`; beside the program, whether run from `src/` or `dist/`.
 */
const DESCRIPTORS = new URL('../../proto/descriptors.binpb', import.meta.url);

/**
 * Lets tools such as grpcurl ask for the contract. The descriptors are the compiler's own: those
 * that @grpc/proto-loader makes of proto files lack imports and name map entries wrongly, and
 * grpcurl refuses them.
 */
export function createReflection(): ReflectionService {
  const fileDescriptorProtos = filesOf(readFileSync(DESCRIPTORS));
  return new ReflectionService({
    contract: { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos },
  });
}

/** The files of a `FileDescriptorSet`, its only field (number 1), each still encoded. */
function filesOf(descriptorSet: Uint8Array): Buffer[] {
  const reader = new BinaryReader(descriptorSet);
  const files: Buffer[] = [];
  while (reader.pos < reader.len) {
    reader.tag();
    files.push(Buffer.from(reader.bytes()));
  }
  return files;
}
