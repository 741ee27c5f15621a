import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProtoPath } from 'grpc-health-check';

/** The contract as it lies beside the program, whether run from `src/` or `dist/`. */
const PROTO_DIR = fileURLToPath(new URL('../../proto', import.meta.url));

/**
 * Lets tools such as grpcurl ask for the contract. Read from the proto files and not from generated
 * code, which keeps no descriptors.
 */
export function createReflection(): ReflectionService {
  const ours = readdirSync(PROTO_DIR, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.proto'))
    .sort();
  const healthDir = join(dirname(healthProtoPath), '../..');
  return new ReflectionService(
    loadSync([...ours, relative(healthDir, healthProtoPath)], {
      includeDirs: [PROTO_DIR, healthDir],
      keepCase: true,
    }),
  );
}
