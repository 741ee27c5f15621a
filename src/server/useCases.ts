import type { TrackAnswer } from '../behaviour/track.js';
import type { RawBehaviour } from '../behaviour/validateBehaviour.js';
import type { ProductRevision } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { UpsertOutcome } from '../catalog/upsertCatalog.js';
import type { RawProduct } from '../catalog/validateProduct.js';
import type { RawShop } from '../catalog/validateShop.js';
import type { GetFairness } from '../fairness/getFairness.js';
import type { RecordImpressions } from '../fairness/recordImpressions.js';
import type { PersonalId } from '../identity/identityStore.js';
import type { LinkIdentity, UnlinkIdentity } from '../identity/linkIdentity.js';
import type { User } from '../identity/user.js';
import type { RawUser } from '../identity/validateUser.js';
import type { ModelGate } from '../inference/modelGate.js';
import type { ExplainRequest, ScoreExplanation } from '../ranking/explain.js';
import type { RankAnswer, RankRequest } from '../ranking/rankRequest.js';
import type { ExplainTagRequest, TagExplanation } from '../tags/tagExplanation.js';
import type { TagOverrides } from '../tags/tagOverrides.js';
import type { GetMatchRequest, GetTagsRequest, MatchReport, TagReport } from '../tags/tagReport.js';
import type { TouchUseCases } from './touchUseCases.js';

/**
 * Everything that the server can be asked to do, in the words of the rooms. `app.ts` hands it in;
 * handlers translate and call, and decide nothing.
 *
 * All throw the errors of `core/errors.ts`: `InvalidInputError` for what they were given (field
 * paths in the words of the contract), `NotFoundError` where something must exist,
 * `UnavailableError` when an engine fails. Writes resolve after the durable commit.
 */
export interface UseCases {
  /** Records what passes its checks; one outcome for each event, in order. */
  track(events: readonly RawBehaviour[]): Promise<TrackAnswer>;
  /** Keep what passes its checks; one outcome for each, in order. */
  upsertShops(shops: readonly RawShop[]): Promise<readonly UpsertOutcome[]>;
  upsertProducts(products: readonly RawProduct[]): Promise<readonly UpsertOutcome[]>;
  upsertUsers(users: readonly RawUser[]): Promise<readonly UpsertOutcome[]>;
  /** Undefined when nobody described it. Ids are checked. */
  getShop(shopId: string): Promise<Shop | undefined>;
  getProduct(productId: string): Promise<ProductRevision | undefined>;
  getUser(userId: string): Promise<User | undefined>;
  /** All ids of the person that a checked id belongs to, itself included, by id. */
  idsOfPerson(userId: string): Promise<readonly PersonalId[]>;
  linkIdentity: LinkIdentity;
  unlinkIdentity: UnlinkIdentity;
  /** The request has the right shape but is not checked. */
  rank(request: RankRequest): Promise<RankAnswer>;
  /** The request has the right shape but is not checked. */
  explain(request: ExplainRequest): Promise<ScoreExplanation>;
  getTags(request: GetTagsRequest): Promise<TagReport>;
  explainTag(request: ExplainTagRequest): Promise<TagExplanation>;
  getMatch(request: GetMatchRequest): Promise<MatchReport>;
  recordImpressions: RecordImpressions;
  getFairness: GetFairness;
  readonly models: ModelGate;
  readonly tagOverrides: TagOverrides;
  readonly touch: TouchUseCases;
}
