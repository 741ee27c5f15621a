import type { Stage } from './scene.js';

const NEWCOMERS = [
  { userId: 'newcomer-unknown', words: 'of whom nothing is known', traits: undefined },
  { userId: 'newcomer-young', words: 'who told us that they are 19–24', traits: { ageBand: '19-24' } },
  { userId: 'newcomer-old', words: 'who told us that they are 65 or older', traits: { ageBand: '65+' } },
] as const;

/** R3, R4: a newcomer gets what most people like them choose in the end. */
export async function newcomers({ shop, storefront, screen }: Stage): Promise<void> {
  screen.heading('3. Newcomers, with and without traits');
  for (const { userId, words, traits } of NEWCOMERS) {
    if (traits !== undefined) await shop.client.upsertUsers({ users: [{ userId, ...traits }] });
    screen.say('', `Somebody ${words}:`);
    await storefront.show({ userId, pageSize: 4 });
  }
}
