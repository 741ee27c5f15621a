import { NotFoundError } from '../../core/errors.js';
import type { CatalogServiceServer } from '../../gen/tagrank/v1/catalog.js';
import type { CallContext } from '../callContext.js';
import { refuseWhenAllRejected } from '../convert/behaviour.js';
import { fromProductRevision, fromShop, toRawProduct, toRawShop } from '../convert/catalog.js';
import { checkBatch, checkId } from '../convert/scalars.js';
import { toUpsertCounts } from '../convert/upsert.js';
import { unaryCall, unimplementedCall } from '../unaryCall.js';

export function catalogHandlers(context: CallContext): CatalogServiceServer {
  const { useCases } = context;
  return {
    upsertShops: unaryCall(context, async ({ shops }) => {
      checkBatch('shops', shops);
      const outcomes = await useCases.upsertShops(shops.map(toRawShop));
      refuseWhenAllRejected(outcomes);
      return toUpsertCounts(
        shops.map(({ shopId }) => shopId),
        outcomes,
      );
    }),
    upsertProducts: unaryCall(context, async ({ products }) => {
      checkBatch('products', products);
      const outcomes = await useCases.upsertProducts(products.map(toRawProduct));
      refuseWhenAllRejected(outcomes);
      return toUpsertCounts(
        products.map(({ productId }) => productId),
        outcomes,
      );
    }),
    deleteProducts: unimplementedCall(
      context,
      'DeleteProducts comes with later work; until then upsert the products with in_stock false',
    ),
    getShop: unaryCall(context, async ({ shopId }) => {
      const shop = await useCases.getShop(checkId('shop_id', shopId));
      if (shop === undefined) throw new NotFoundError(`no shop ${JSON.stringify(shopId)}`);
      return { shop: fromShop(shop) };
    }),
    getProduct: unaryCall(context, async ({ productId }) => {
      const product = await useCases.getProduct(checkId('product_id', productId));
      if (product === undefined) throw new NotFoundError(`no product ${JSON.stringify(productId)}`);
      return fromProductRevision(product);
    }),
  };
}
