import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { createClient } from '../../src/server/client.js';
import { createServer } from '../../src/server/createServer.js';
import type { UseCases } from '../../src/server/useCases.js';
import { createFakeUseCases } from './fakeUseCases.js';

/** A server on a free port with a client, both closed when the test ends. */
export async function serve(overrides: Partial<UseCases> = {}) {
  const fake = createFakeUseCases();
  const logLines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const logger = createLogger({ level: 'debug', destination });
  const server = createServer({ useCases: { ...fake.useCases, ...overrides }, logger });
  const address = await server.start('127.0.0.1:0');
  const client = createClient(address);
  onTestFinished(async () => {
    client.close();
    await server.stop({ graceMs: 1_000 });
  });
  return { server, address, client, kept: fake.kept, logLines };
}
