import type { World } from '../world/world.js';
import type { Check } from './check.js';

/** What the operator's own comparison says. */
export async function checkWithTagrank(world: World): Promise<Check> {
  const { code, output } = await world.command('verify');
  const said = output.trim().split('\n').slice(-4);
  return {
    name: 'tagrank verify',
    compared: said.join('; '),
    violations: code === 0 ? [] : [`it ended with ${code}: ${said.join(' / ')}`],
  };
}
