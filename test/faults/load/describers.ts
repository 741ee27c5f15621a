import { setTimeout as sleep } from 'node:timers/promises';
import { askSome, type Load } from './ask.js';
import { choicesOf, PRODUCTS, productOf, USERS, userOf, WANDERERS } from './shopfront.js';

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

/** Makes two ids one person and takes it back, until the end: whose they are is not known for sure. */
export async function linkAndUnlink(load: Load, name: string): Promise<void> {
  const { random } = choicesOf(`${name} chooses`);
  const [userId, otherId] = WANDERERS;
  const common = { random, patience: 'patient' } as const;
  for (let round = 0; !load.ending.aborted; round++) {
    await sleep(500 + 2_000 * random());
    if (round % 2 === 0) {
      const identity = { kind: 'buyer', value: otherId };
      await askSome(load, {
        ...common,
        method: 'LinkIdentity',
        ask: (client) => client.linkIdentity({ userId, identity }),
      });
    } else {
      await askSome(load, {
        ...common,
        method: 'UnlinkIdentity',
        ask: (client) => client.unlinkIdentity({ userId: otherId }),
      });
    }
  }
}
