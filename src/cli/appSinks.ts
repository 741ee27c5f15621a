import { createHash } from 'node:crypto';
import type { App } from '../app.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { Violation } from '../core/errors.js';
import type { User } from '../identity/user.js';
import type { ImportSinks } from '../importing/importFolder.js';
import type { Sink, SinkOutcome } from '../importing/importTable.js';

/**
 * Sinks that take an import in through the use cases of an app, so that what is imported is checked,
 * kept and projected like anything told over the wire: a behaviour with what was known of its user and
 * product when it was logged. Resolve after the commit.
 */
export async function appSinks({ useCases, truth }: App): Promise<ImportSinks> {
  const shops = new Known();
  for await (const page of truth.catalogStore.allShops()) {
    for (const shop of page) shops.note(shop.shopId, shop);
  }
  const products = new Known();
  for await (const page of truth.catalogStore.allProductRevisions()) {
    // Revisions rise, so that the current one is noted last.
    for (const { product } of page) products.note(product.productId, product);
  }
  const users = new Known();
  for await (const page of truth.userStore.allUsers()) {
    for (const user of page) users.note(user.userId, user);
  }
  return {
    shops: upsertSink<Shop>({ known: shops, idOf: ({ shopId }) => shopId, upsert: useCases.upsertShops }),
    products: upsertSink<Product>({
      known: products,
      idOf: ({ productId }) => productId,
      upsert: useCases.upsertProducts,
    }),
    users: upsertSink<User>({ known: users, idOf: ({ userId }) => userId, upsert: useCases.upsertUsers }),
    behaviours: async (batch) => {
      const { outcomes } = await useCases.track(batch);
      return {
        accepted: outcomes.filter(({ status }) => status === 'accepted').length,
        duplicate: outcomes.filter(({ status }) => status === 'duplicate').length,
        rejected: rejectedOf(outcomes),
      };
    },
  };
}

type UpsertOutcome =
  | { readonly status: 'accepted' }
  | { readonly status: 'rejected'; readonly violations: readonly Violation[] };

/** Hands on what is new or changed, and counts what is known as it is. */
function upsertSink<T extends object>(options: {
  known: Known;
  idOf: (record: T) => string;
  upsert: (records: readonly T[]) => Promise<readonly UpsertOutcome[]>;
}): Sink<T> {
  const { known, idOf, upsert } = options;
  return async (batch) => {
    const news = batch.flatMap((record, index) =>
      known.note(idOf(record), record) ? [{ record, index }] : [],
    );
    const outcomes = await upsert(news.map(({ record }) => record));
    const rejected = rejectedOf(outcomes).map((each) => ({
      ...each,
      index: news[each.index]?.index ?? each.index,
    }));
    return {
      accepted: news.length - rejected.length,
      duplicate: batch.length - news.length,
      rejected,
    };
  };
}

function rejectedOf(
  outcomes: readonly ({ readonly status: string } | UpsertOutcome)[],
): SinkOutcome['rejected'] {
  return outcomes.flatMap((outcome, index) =>
    'violations' in outcome ? [{ index, violations: outcome.violations }] : [],
  );
}

/** The content of records by id, as digests: a store of millions is not held twice. */
class Known {
  readonly #digests = new Map<string, string>();

  /** Whether the record is new or differs from the one of its id. */
  note(id: string, record: object): boolean {
    const digest = createHash('sha1').update(canonicalJson(record)).digest('base64');
    if (this.#digests.get(id) === digest) return false;
    this.#digests.set(id, digest);
    return true;
  }
}

/** JSON with sorted names and without what is undefined: equal content, equal text. */
function canonicalJson(record: object): string {
  return JSON.stringify(record, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
