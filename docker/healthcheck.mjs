// Asks the server of this container how it is (grpc.health.v1) and ends with 0 when it serves.
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';

const DEADLINE_MS = 4_000;

const port = /:(\d+)$/.exec(process.env.TAGRANK_LISTEN ?? '')?.[1] ?? '50051';
const { Health } = loadPackageDefinition(loadSync(protoPath, { enums: String })).grpc.health.v1;
const client = new Health(`127.0.0.1:${port}`, credentials.createInsecure());
client.Check({ service: '' }, { deadline: Date.now() + DEADLINE_MS }, (error, answer) => {
  const status = error === null ? answer.status : error.message;
  console.log(status);
  process.exit(status === 'SERVING' ? 0 : 1);
});
