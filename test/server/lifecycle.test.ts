import { Client, credentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { describe, expect, it } from 'vitest';
import { NotFoundError, UnavailableError } from '../../src/core/errors.js';
import { createClient } from '../../src/server/client.js';
import { LAST_ANSWERS_MS } from '../../src/server/createServer.js';
import { refusal } from './messages.js';
import { serve } from './serve.js';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A promise and the means to settle it. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function checkHealth(address: string, service = ''): Promise<unknown> {
  const method = loadSync(healthProtoPath, { enums: String })['grpc.health.v1.Health'] as unknown as {
    Check: {
      path: string;
      requestSerialize: (v: object) => Buffer;
      responseDeserialize: (b: Buffer) => object;
    };
  };
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = method.Check;
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    ),
  ).finally(() => client.close());
}

describe('the server', () => {
  it('picks a free port for port 0 and says which', async () => {
    const { address } = await serve();
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  });

  it('refuses to start where another one listens', async () => {
    const [one, other] = [await serve(), await serve()];
    await expect(other.server.start(one.address)).rejects.toThrow(/EADDRINUSE|No address/);
  });

  it('finishes the calls that are in flight when it stops, and takes no new ones', async () => {
    const [begun, held] = [gate(), gate()];
    const { client, server, address } = await serve({
      getUser: async (userId) => {
        begun.open();
        await held.opened;
        return { userId, attributes: {} };
      },
    });
    const inFlight = client.getUser({ userId: 'u1' });
    await begun.opened;
    const stopped = server.stop();
    const late = createClient(address, { deadlineMs: 1_000 });
    const refused = await refusal(late.getUser({ userId: 'u2' }));
    late.close();
    expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain(refused.code);
    // Longer than the last answers get once nothing is in flight.
    await sleep(LAST_ANSWERS_MS + 200);
    held.open();
    expect((await inFlight).user?.userId).toBe('u1');
    await stopped;
  });

  it('cuts off what does not end within the grace period, and says how much', async () => {
    const { client, server, logLines } = await serve({ getUser: () => new Promise(() => {}) });
    const never = refusal(client.getUser({ userId: 'u1' }));
    await sleep(100);
    await server.stop({ graceMs: 100 });
    expect(['UNAVAILABLE', 'CANCELLED', 'INTERNAL']).toContain((await never).code);
    expect(logLines).toContainEqual(expect.objectContaining({ msg: 'calls cut off by stop', inFlight: 1 }));
  });

  it('tells its health for all and for each service', async () => {
    const { address } = await serve();
    expect(await checkHealth(address)).toEqual({ status: 'SERVING' });
    expect(await checkHealth(address, 'tagrank.v1.TouchService')).toEqual({ status: 'SERVING' });
    await expect(checkHealth(address, 'tagrank.v1.NoService')).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });
});

describe('errors', () => {
  it('says nothing of its insides when something unforeseen fails, and logs it with its cause', async () => {
    const cause = new Error('password=hunter2 at 10.0.0.5');
    const { client, logLines } = await serve({
      getUser: () => Promise.reject(new Error('SELECT broke', { cause })),
    });
    const { code, details } = await refusal(client.getUser({ userId: 'u1' }));
    expect([code, details]).toEqual(['INTERNAL', 'internal error; the log of the server has more']);
    const line = logLines.find(({ msg }) => msg === 'call failed');
    expect(line).toMatchObject({ level: 'error', method: '/tagrank.v1.UserService/GetUser' });
    expect(JSON.stringify(line)).toContain('SELECT broke');
    expect(JSON.stringify(line)).toContain('10.0.0.5');
  });

  it('answers UNAVAILABLE when an engine is, and NOT_FOUND in the words of the room', async () => {
    const { client } = await serve({
      getUser: () => Promise.reject(new UnavailableError('connection to 10.0.0.5 refused')),
      getShop: () => Promise.reject(new NotFoundError('no such shop')),
    });
    const unavailable = await refusal(client.getUser({ userId: 'u1' }));
    expect(unavailable.code).toBe('UNAVAILABLE');
    expect(unavailable.details).not.toContain('10.0.0.5');
    expect(await refusal(client.getShop({ shopId: 's1' }))).toMatchObject({
      code: 'NOT_FOUND',
      details: 'no such shop',
    });
  });

  it('survives a use case that throws before its first promise', async () => {
    const { client } = await serve({
      getUser: () => {
        throw new Error('at once');
      },
    });
    expect((await refusal(client.getUser({ userId: 'u1' }))).code).toBe('INTERNAL');
    expect((await refusal(client.getShop({ shopId: 's1' }))).code).toBe('NOT_FOUND');
  });

  it('cuts a long text between characters', async () => {
    const { client } = await serve({
      getShop: () => Promise.reject(new NotFoundError(`x${'😀'.repeat(2_000)}`)),
    });
    const { code, details } = await refusal(client.getShop({ shopId: 's1' }));
    expect(code).toBe('NOT_FOUND');
    expect(details).toMatch(/^x(😀)+…$/u);
  });
});
