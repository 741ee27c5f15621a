import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { createClient } from '../../src/server/client.js';
import { createServer } from '../../src/server/createServer.js';
import type { EndedCall } from '../../src/server/interceptors/observeCalls.js';
import { createFakeUseCases } from './fakeUseCases.js';
import { anEvent, refusal } from './messages.js';

describe('the observer of calls', () => {
  it('is told of every call once, with method, status and duration', async () => {
    const calls: EndedCall[] = [];
    const { useCases } = createFakeUseCases();
    const server = createServer({
      useCases: {
        ...useCases,
        getUser: async (userId) => {
          await new Promise((resolve) => setTimeout(resolve, 30));
          return { userId, attributes: {} };
        },
      },
      logger: createLogger({ level: 'silent' }),
      onCall: (call) => calls.push(call),
    });
    const client = createClient(await server.start('127.0.0.1:0'));
    onTestFinished(async () => {
      client.close();
      await server.stop({ graceMs: 1_000 });
    });

    await client.getUser({ userId: 'u1' });
    await refusal(client.getShop({ shopId: 'no-such' }));
    await client.track({ events: [anEvent({ eventId: 'e1' })] });

    expect(calls).toEqual([
      { method: '/tagrank.v1.UserService/GetUser', status: 'OK', durationMs: expect.any(Number) },
      {
        method: '/tagrank.v1.CatalogService/GetShop',
        status: 'NOT_FOUND',
        durationMs: expect.any(Number),
      },
      { method: '/tagrank.v1.BehaviourService/Track', status: 'OK', durationMs: expect.any(Number) },
    ]);
    expect(calls[0]?.durationMs).toBeGreaterThanOrEqual(29);
    expect(calls[0]?.durationMs).toBeLessThan(5_000);
  });
});
