import {
  Client,
  type ClientDuplexStream,
  credentials,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { BehaviourServiceService, type DeepPartial, TrackRequest } from '../gen/tagrank/v1/behaviour.js';
import {
  CatalogServiceService,
  GetProductRequest,
  GetShopRequest,
  UpsertProductsRequest,
  UpsertShopsRequest,
} from '../gen/tagrank/v1/catalog.js';
import { FairnessServiceService, GetFairnessRequest } from '../gen/tagrank/v1/fairness.js';
import {
  ActivateModelRequest,
  AddModelRequest,
  ListModelsRequest,
  ModelServiceService,
  RollbackModelRequest,
  ShadowModelRequest,
} from '../gen/tagrank/v1/model.js';
import {
  ExplainRequest,
  RankRequest,
  RecommendationServiceService,
  RecordImpressionsRequest,
} from '../gen/tagrank/v1/recommendation.js';
import {
  DeleteTagOverridesRequest,
  ExplainTagRequest,
  GetMatchRequest,
  GetTagsRequest,
  ListTagOverridesRequest,
  SetTagOverridesRequest,
  TagServiceService,
} from '../gen/tagrank/v1/tag.js';
import {
  AttributeOrderRequest,
  CanTouchRequest,
  CommitTouchRequest,
  GetTouchHistoryRequest,
  GetTouchPolicyRequest,
  RecordOutcomeRequest,
  ReleaseTouchRequest,
  ReserveTouchRequest,
  SetTouchPolicyRequest,
  TouchServiceService,
} from '../gen/tagrank/v1/touch.js';
import {
  GetUserRequest,
  LinkIdentityRequest,
  UnlinkIdentityRequest,
  UpsertUsersRequest,
  UserServiceService,
} from '../gen/tagrank/v1/user.js';

export { TrackStatus } from '../gen/tagrank/v1/behaviour.js';
export type { FairnessArm, GetFairnessResponse } from '../gen/tagrank/v1/fairness.js';
export { type KeptModel, type ListModelsResponse, ModelRole } from '../gen/tagrank/v1/model.js';
export type { RankedItem, RankResponse } from '../gen/tagrank/v1/recommendation.js';
export { OverrideAction } from '../gen/tagrank/v1/tag.js';
export {
  CanTouchBatchRequest,
  type CanTouchBatchResponse,
  type Decision,
  DecisionKind,
  Outcome,
  type Permit,
  ReserveTouchBatchRequest,
  type ReserveTouchBatchResponse,
} from '../gen/tagrank/v1/touch.js';
export { BehaviourType, Channel, Language } from '../gen/tagrank/v1/vocabulary.js';
export { toEpochMs, toTimestamp } from './convert/scalars.js';
export { behaviourTypes, channels, degradationLevels } from './convert/vocabulary.js';

const DEFAULT_DEADLINE_MS = 10_000;

/** A client of the contract, for the demo, tools and tests: what it asks goes over the wire. */
export type TagRankClient = ReturnType<typeof createClient>;

/**
 * Requests may leave out what is empty. Every call rejects with a `ServiceError` (code and details)
 * unless it is answered OK within `deadlineMs`.
 */
export function createClient(
  address: string,
  { deadlineMs = DEFAULT_DEADLINE_MS }: { deadlineMs?: number } = {},
) {
  const client = new Client(address, credentials.createInsecure());
  const call = unaryCaller(client, deadlineMs);
  const stream =
    <Request, Response>({
      path,
      requestSerialize,
      responseDeserialize,
    }: MethodDefinition<Request, Response>) =>
    (): ClientDuplexStream<Request, Response> =>
      client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return {
    rank: call(RecommendationServiceService.rank, RankRequest),
    explain: call(RecommendationServiceService.explain, ExplainRequest),
    recordImpressions: call(RecommendationServiceService.recordImpressions, RecordImpressionsRequest),
    track: call(BehaviourServiceService.track, TrackRequest),
    /** Streams have no deadline. Their messages have to be whole, see `TrackStreamRequest.fromPartial`. */
    trackStream: stream(BehaviourServiceService.trackStream),
    upsertShops: call(CatalogServiceService.upsertShops, UpsertShopsRequest),
    upsertProducts: call(CatalogServiceService.upsertProducts, UpsertProductsRequest),
    getShop: call(CatalogServiceService.getShop, GetShopRequest),
    getProduct: call(CatalogServiceService.getProduct, GetProductRequest),
    upsertUsers: call(UserServiceService.upsertUsers, UpsertUsersRequest),
    getUser: call(UserServiceService.getUser, GetUserRequest),
    linkIdentity: call(UserServiceService.linkIdentity, LinkIdentityRequest),
    unlinkIdentity: call(UserServiceService.unlinkIdentity, UnlinkIdentityRequest),
    getTags: call(TagServiceService.getTags, GetTagsRequest),
    explainTag: call(TagServiceService.explainTag, ExplainTagRequest),
    getMatch: call(TagServiceService.getMatch, GetMatchRequest),
    setTagOverrides: call(TagServiceService.setTagOverrides, SetTagOverridesRequest),
    deleteTagOverrides: call(TagServiceService.deleteTagOverrides, DeleteTagOverridesRequest),
    listTagOverrides: call(TagServiceService.listTagOverrides, ListTagOverridesRequest),
    getFairness: call(FairnessServiceService.getFairness, GetFairnessRequest),
    addModel: call(ModelServiceService.addModel, AddModelRequest),
    listModels: call(ModelServiceService.listModels, ListModelsRequest),
    activateModel: call(ModelServiceService.activateModel, ActivateModelRequest),
    shadowModel: call(ModelServiceService.shadowModel, ShadowModelRequest),
    rollbackModel: call(ModelServiceService.rollbackModel, RollbackModelRequest),
    canTouch: call(TouchServiceService.canTouch, CanTouchRequest),
    canTouchBatch: stream(TouchServiceService.canTouchBatch),
    reserveTouch: call(TouchServiceService.reserveTouch, ReserveTouchRequest),
    reserveTouchBatch: stream(TouchServiceService.reserveTouchBatch),
    commitTouch: call(TouchServiceService.commitTouch, CommitTouchRequest),
    releaseTouch: call(TouchServiceService.releaseTouch, ReleaseTouchRequest),
    recordOutcome: call(TouchServiceService.recordOutcome, RecordOutcomeRequest),
    getTouchHistory: call(TouchServiceService.getTouchHistory, GetTouchHistoryRequest),
    attributeOrder: call(TouchServiceService.attributeOrder, AttributeOrderRequest),
    getTouchPolicy: call(TouchServiceService.getTouchPolicy, GetTouchPolicyRequest),
    setTouchPolicy: call(TouchServiceService.setTouchPolicy, SetTouchPolicyRequest),
    /** Resolves when the server can be reached. */
    ready: (waitMs = deadlineMs): Promise<void> =>
      new Promise((resolve, reject) => {
        client.waitForReady(Date.now() + waitMs, (error) => (error ? reject(error) : resolve()));
      }),
    close: (): void => client.close(),
  };
}

/** Builds whole messages from partial ones; every generated message type is one. */
interface MessageType<Message> {
  fromPartial(partial: DeepPartial<Message>): Message;
}

function unaryCaller(client: Client, deadlineMs: number) {
  return <Request, Response>(method: MethodDefinition<Request, Response>, message: MessageType<Request>) =>
    (partial: DeepPartial<Request>): Promise<Response> =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          message.fromPartial(partial),
          { deadline: Date.now() + deadlineMs },
          (error: ServiceError | null, response?: Response) =>
            error === null ? resolve(response as Response) : reject(error),
        );
      });
}
