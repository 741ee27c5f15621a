import type { ServerProcess } from '../world/serverProcess.js';
import type { Check } from './check.js';

/** A server ends when it is told to, whatever happens to its engines. */
export function checkServers(servers: readonly ServerProcess[]): Check {
  return {
    name: 'servers',
    compared: 'none ended by itself',
    violations: servers.flatMap(({ name, endedByItself }) =>
      endedByItself > 0 ? [`server ${name} ended ${endedByItself} times though nobody here killed it`] : [],
    ),
  };
}
