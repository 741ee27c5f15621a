import { BehaviourType } from '../../server/client.js';
import type { Stage } from './scene.js';

const BROWSER = 'visitor-lena';
/** Of the bundled catalogue: dry food, treats, and another dry food. */
const LOOKED_AT = 'p859063';
const LIKED = 'p838136';
const WANTED = 'p10198378';

/** R2, T4, T6: somebody who never bought is known by what they search, look at and put aside. */
export async function browser({ storefront, screen }: Stage): Promise<void> {
  screen.heading('2. A browser who never bought');
  screen.say(
    `${BROWSER} has no history. The bundled data holds purchases alone, so the rest is acted out live:`,
    'Track takes what she does, and the next Rank knows of it.',
  );
  const before = await storefront.show({ userId: BROWSER, pageSize: 4 });

  await storefront.act(BROWSER, [{ type: BehaviourType.SEARCH, query: 'dog food' }]);
  screen.step('Track: she searches “dog food”. What carries the words comes onto the page:');
  const searched = await storefront.show({ userId: BROWSER, pageSize: 6 }, { before });

  await storefront.act(BROWSER, [
    { type: BehaviourType.BROWSE, productId: LOOKED_AT, seconds: 25 },
    { type: BehaviourType.BROWSE, productId: LIKED, seconds: 40 },
    { type: BehaviourType.BROWSE, productId: WANTED, seconds: 60 },
    { type: BehaviourType.FAVOURITE, productId: LIKED },
    { type: BehaviourType.ADD_TO_CART, productId: WANTED },
  ]);
  screen.step('Track: after the search, she');
  screen.say(
    `     looks at   ${await storefront.titleOf(LOOKED_AT)}`,
    `     favours    ${await storefront.titleOf(LIKED)}`,
    `     carts      ${await storefront.titleOf(WANTED)}`,
  );
  const after = await storefront.show({ userId: BROWSER, pageSize: 8 }, { before: searched });

  const unwanted = after.items.find(({ productId }) => productId !== WANTED && productId !== LIKED);
  if (unwanted === undefined) return;
  await storefront.act(BROWSER, [{ type: BehaviourType.NOT_INTERESTED, productId: unwanted.productId }]);
  const title = await storefront.titleOf(unwanted.productId);
  screen.step(`Track: “not interested” in ${title}, ${unwanted.productId}. It is gone:`);
  await storefront.show({ userId: BROWSER, pageSize: 4 }, { before: after });
}
