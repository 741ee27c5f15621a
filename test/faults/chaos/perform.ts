import { setTimeout as sleep } from 'node:timers/promises';
import { PARTITIONS } from '../../../src/core/partitions.js';
import { partitionKeys } from '../../../src/stores/redis/keys.js';
import type { RedisNode } from '../../support/redisServer.js';
import type { ServerProcess } from '../world/serverProcess.js';
import type { World } from '../world/world.js';
import type { Fault } from './plan.js';

/** After so long without a failover the primary is started again all the same. */
const FAILOVER_PATIENCE_MS = 8_000;

/** Does one fault from beginning to end: when it resolves, what was hit runs again. */
export async function perform({ kind, pick, span }: Fault, world: World): Promise<void> {
  const { postgres, redis } = world;
  const server = (): ServerProcess => serverAt(pick, world);
  switch (kind) {
    case 'server killed':
      await server().kill9();
      await sleep(1_500 * span);
      return server().startUntilUp();
    case 'redis primary killed, back before a failover': {
      const primary = await primaryAt(pick, world);
      await redis.kill9(primary);
      await sleep(700 * span);
      return redis.restart(primary);
    }
    case 'redis primary killed, replica takes over': {
      const primary = await primaryAt(pick, world);
      await redis.kill9(primary);
      await untilAnotherOwns(pick, { world, primary });
      await sleep(1_500 * span);
      return redis.restart(primary);
    }
    case 'postgres killed':
      await postgres.kill9();
      await sleep(2_500 * span);
      return postgres.restart();
    case 'server stands still': {
      const stopped = server();
      stopped.pause();
      await sleep(300 + 5_000 * span);
      return stopped.resume();
    }
    case 'redis stands still': {
      const primary = await primaryAt(pick, world);
      redis.pause(primary);
      await sleep(300 + 5_000 * span);
      return redis.resume(primary);
    }
    case 'postgres stands still':
      postgres.pause();
      await sleep(300 + 4_000 * span);
      return postgres.resume();
  }
}

/** What a fault hits; two at once on the same would get into each other's way. */
export function laneOf({ kind, pick }: Fault, world: Pick<World, 'servers'>): string {
  if (kind.startsWith('server')) return `server ${serverAt(pick, world).name}`;
  return kind.startsWith('redis') ? 'redis' : 'postgres';
}

function serverAt(pick: number, { servers }: Pick<World, 'servers'>): ServerProcess {
  return servers[Math.floor(pick * servers.length)] as ServerProcess;
}

function keyAt(pick: number): string {
  return partitionKeys(Math.floor(pick * PARTITIONS)).touch;
}

function primaryAt(pick: number, { redis }: World): Promise<RedisNode> {
  return redis.primaryOf(keyAt(pick));
}

async function untilAnotherOwns(
  pick: number,
  { world, primary }: { world: World; primary: RedisNode },
): Promise<void> {
  const endMs = performance.now() + FAILOVER_PATIENCE_MS;
  while (performance.now() < endMs) {
    const owner = await primaryAt(pick, world).catch(() => primary);
    if (owner.port !== primary.port) return;
    await sleep(100);
  }
}
