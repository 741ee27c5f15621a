import { setTimeout as sleep } from 'node:timers/promises';
import { askSome, type Load } from './ask.js';
import { choicesOf, PRODUCTS, productOf, USERS, userOf } from './shopfront.js';

/** Describes products and people anew now and then, so that behaviours refer to several editions. */
export async function describeAnew(load: Load, name: string): Promise<void> {
  const { random, pick } = choicesOf(`${name} chooses`);
  for (let edition = 1; !load.ending.aborted; edition++) {
    await sleep(500 + 1_000 * random());
    const common = { random, patience: 'patient' } as const;
    const products = [productOf(pick(PRODUCTS), edition)];
    await askSome(load, {
      ...common,
      method: 'UpsertProducts',
      ask: (client) => client.upsertProducts({ products }),
    });
    const users = [userOf(pick(USERS), edition)];
    await askSome(load, { ...common, method: 'UpsertUsers', ask: (client) => client.upsertUsers({ users }) });
  }
}
