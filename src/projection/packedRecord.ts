import type { Behaviour, BehaviourContext, BehaviourToLog, LoggedBehaviour } from '../behaviour/behaviour.js';
import { SHORTEST_BROWSE_MS } from '../behaviour/weights.js';
import type { EpochMs } from '../core/time.js';
import type { BehaviourType } from '../core/vocabulary.js';
import { type ByteReader, ByteWriter, UnreadableBytesError } from './bytes.js';
import { readId, writeId } from './packedId.js';

/**
 * The shop of a product's content at a revision of 1 or more; undefined when that content names
 * none. It must know every revision that the log names: packing with less spells the shop out where
 * others leave it away, and unpacking with less forgets it.
 */
export type ShopOf = (productId: string, revision: number) => string | undefined;

/*
 * What is packed of one behaviour, its time aside: all that `applyToUser` reads, and nothing else; no
 * event id, session, referrer, price, quantity, traits or clarity. One behaviour has one form: equal
 * bytes mean equal behaviour.
 *
 *   head     type (low four bits); above them 0 to 3, which are HAS_DETAIL and HAS_REVISION, or MORE;
 *            what is above that belongs to the time (`packedHistory.ts`)
 *   [flags]  MORE: these two and the rarer ones
 *   [id]     product, unless HAS_NO_PRODUCT
 *   [varint] HAS_REVISION: the product's revision when it is not 1
 *   [id]     HAS_SHOP: a shop that does not follow from product and revision
 *   [1]      HAS_DETAIL: of a review its stars, otherwise the price percentile in 255ths
 *   [text]   HAS_QUERY: length as varint, UTF-8
 */
const TYPE = 0b1111;
const MORE = 4;

const HAS_DETAIL = 0b0000_0001;
const HAS_REVISION = 0b0000_0010;
const HAS_NO_PRODUCT = 0b0000_0100;
const HAS_QUERY = 0b0000_1000;
const HAS_SHOP = 0b0001_0000;
/** The product's content names a shop, the behaviour has none. */
const HAS_NO_SHOP = 0b0010_0000;
/** A browse too short to count. */
const IS_GLANCE = 0b0100_0000;
const KNOWN_FLAGS = 0b0111_1111;

/** How many heads there are of one type: what lies above is free for the time. */
export const HEADS = MORE + 1;

/**
 * Numbers in every store: never another one for a type. 13 and 14 are free for new types; 15 is no
 * type (`packedHistory.ts`).
 */
const TYPE_CODES: Readonly<Record<BehaviourType, number>> = {
  purchase: 0,
  add_to_cart: 1,
  favourite: 2,
  inquiry: 3,
  follow: 4,
  share: 5,
  search: 6,
  browse: 7,
  review: 8,
  remove_from_cart: 9,
  remove_favourite: 10,
  refund: 11,
  not_interested: 12,
};
const TYPES_BY_CODE = new Map(
  Object.entries(TYPE_CODES).map(([type, code]) => [code, type as BehaviourType] as const),
);

const PERCENTILE_STEPS = 255;

/**
 * A price percentile (0–1) as it is packed. Whoever logs one logs it so: then a fold over packed
 * behaviours gives the very numbers that a fold over the log gives.
 */
export function quantisePercentile(percentile: number): number {
  return percentileStep(percentile) / PERCENTILE_STEPS;
}

function percentileStep(percentile: number): number {
  return Math.round(Math.max(0, Math.min(1, percentile)) * PERCENTILE_STEPS);
}

/** The bytes of one behaviour, each as the character of the same number. */
export function packContent({ behaviour, context }: BehaviourToLog, shopOf: ShopOf): string {
  const { type, productId, query } = behaviour;
  const revision = productId === undefined ? 1 : context.productRevision;
  const detail = type === 'review' ? behaviour.rating : detailOfPrice(context);
  let flags = shopFlag({ behaviour, context }, shopOf);
  if (detail !== undefined) flags |= HAS_DETAIL;
  if (revision !== 1) flags |= HAS_REVISION;
  if (isGlance(behaviour)) flags |= IS_GLANCE;
  if (productId === undefined) flags |= query === undefined ? HAS_NO_PRODUCT : HAS_NO_PRODUCT | HAS_QUERY;

  const to = new ByteWriter();
  to.uint(TYPE_CODES[type] | (Math.min(flags, MORE) << 4), 1);
  if (flags >= MORE) to.uint(flags, 1);
  if (productId !== undefined) writeId(to, productId);
  if (revision !== 1) to.varint(revision);
  if (flags & HAS_SHOP) writeId(to, context.shopId as string);
  if (detail !== undefined) to.uint(detail, 1);
  if (flags & HAS_QUERY) {
    const text = Buffer.from(query as string);
    to.varint(text.length);
    to.bytes(text);
  }
  return Buffer.from(to.written()).toString('latin1');
}

/** What is packed of a behaviour, as it is read. */
export interface PackedFields {
  readonly type: BehaviourType;
  readonly flags: number;
  readonly productId: string | undefined;
  readonly revision: number;
  readonly shopId: string | undefined;
  readonly detail: number | undefined;
  readonly query: string | undefined;
}

/** Reads on behind the head of a behaviour. */
export function readFields(from: ByteReader, head: number): PackedFields {
  const type = TYPES_BY_CODE.get(head & TYPE);
  if (type === undefined) throw new UnreadableBytesError(`a behaviour of a later format: head ${head}`);
  const flags = head >> 4 === MORE ? from.uint8() : head >> 4;
  if (flags & ~KNOWN_FLAGS) throw new UnreadableBytesError(`a behaviour of a later format: flags ${flags}`);
  return {
    type,
    flags,
    productId: flags & HAS_NO_PRODUCT ? undefined : readId(from),
    revision: flags & HAS_REVISION ? from.varint() : flags & HAS_NO_PRODUCT ? 0 : 1,
    shopId: flags & HAS_SHOP ? readId(from) : undefined,
    detail: flags & HAS_DETAIL ? from.uint8() : undefined,
    query: flags & HAS_QUERY ? from.utf8(from.varint()) : undefined,
  };
}

/** A behaviour as `applyToUser` takes it. What is not kept reads as unknown: no traits, clarity 0, `seq` 0. */
export function behaviourOf(
  { type, flags, productId, revision, shopId: ownShop, detail, query }: PackedFields,
  read: { userId: string; shopOf: ShopOf; eventId: string; occurredAtMs: EpochMs },
): LoggedBehaviour {
  let shopId = ownShop;
  if (shopId === undefined && productId !== undefined && revision > 0 && !(flags & HAS_NO_SHOP)) {
    shopId = read.shopOf(productId, revision);
  }
  return {
    behaviour: {
      eventId: read.eventId,
      type,
      userId: read.userId,
      productId,
      // Of a browse without product the behaviour's own shop is what was browsed.
      shopId: productId === undefined ? shopId : undefined,
      occurredAtMs: read.occurredAtMs,
      quantity: 1,
      rating: type === 'review' ? detail : undefined,
      query,
      dwellMs: flags & IS_GLANCE ? 0 : undefined,
    },
    context: {
      productRevision: revision,
      shopId,
      pricePercentile: type === 'review' || detail === undefined ? undefined : detail / PERCENTILE_STEPS,
      traits: {},
    },
    seq: 0,
  };
}

function shopFlag({ behaviour: { productId }, context }: BehaviourToLog, shopOf: ShopOf): number {
  const { productRevision, shopId } = context;
  const implied =
    productId === undefined || productRevision === 0 ? undefined : shopOf(productId, productRevision);
  if (shopId === implied) return 0;
  return shopId === undefined ? HAS_NO_SHOP : HAS_SHOP;
}

function detailOfPrice({ pricePercentile }: BehaviourContext): number | undefined {
  return pricePercentile === undefined ? undefined : percentileStep(pricePercentile);
}

function isGlance({ type, dwellMs }: Behaviour): boolean {
  return type === 'browse' && dwellMs !== undefined && dwellMs < SHORTEST_BROWSE_MS;
}
