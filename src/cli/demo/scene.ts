import type { OpenShop } from './openShop.js';
import type { Screen } from './screen.js';
import type { Storefront } from './storefront.js';

/** What a scene of the demo is played with. */
export interface Stage {
  readonly shop: OpenShop;
  readonly storefront: Storefront;
  readonly screen: Screen;
}

export type Scene = (stage: Stage) => Promise<void>;
