import { BehaviourType, Language } from '../../server/client.js';
import type { Stage } from './scene.js';

/** A single household aged 35–44 with a cat: 652 receipt lines over the year. */
const CUSTOMER = 'h2393';

/** R1, R3, R8: who bought before is known again, and what was just bought waits for its cycle. */
export async function returningCustomer({ shop, storefront, screen }: Stage): Promise<void> {
  screen.heading('1. A returning customer');
  const { user } = await shop.client.getUser({ userId: CUSTOMER });
  const { tags } = await shop.client.getTags({ subject: { $case: 'userId', value: CUSTOMER }, limit: 60 });
  const tastes = tags.filter(({ tag }) => tag.startsWith('category:')).slice(0, 4);
  screen.say(
    `${CUSTOMER}: ${user?.ageBand ?? 'age unknown'}, ${user?.attributes.household ?? 'household unknown'}.`,
    `Learned tastes: ${tastes.map(({ tag }) => tag.split('/').at(-1)).join(', ')}.`,
  );

  const before = await storefront.show({ userId: CUSTOMER, pageSize: 8 });
  const [first] = before.items;
  if (first === undefined) throw new Error('the returning customer was shown nothing');

  await storefront.act(CUSTOMER, [{ type: BehaviourType.PURCHASE, productId: first.productId }]);
  screen.step(
    `${CUSTOMER} buys the first, “${await storefront.titleOf(first.productId)}”. The page after it:`,
  );
  await storefront.show({ userId: CUSTOMER, pageSize: 4 }, { before });

  screen.step('The same person, asked for in Chinese:');
  await storefront.show({ userId: CUSTOMER, pageSize: 4, language: Language.ZH });

  if (first.shopId === '') return;
  const match = await shop.client.getMatch({ userId: CUSTOMER, shopId: first.shopId });
  const { shop: matched } = await shop.client.getShop({ shopId: first.shopId });
  screen.step(
    `GetMatch(${CUSTOMER}, ${matched?.name || first.shopId}): ${(100 * match.degree).toFixed(0)} of 100`,
  );
  screen.say(...match.reasons.slice(0, 3).map((reason) => `     ${reason}`));
}
