import {
  type KeptModel,
  type ListModelsResponse,
  ModelRole,
  type ShadowAgreement,
  type ModelChange as WireChange,
} from '../../gen/tagrank/v1/model.js';
import type { ListedModel, ModelList } from '../../inference/modelGate.js';
import type { ModelChange } from '../../inference/modelStore.js';
import type { ShadowReport } from '../../inference/shadowScoring.js';
import { toTimestamp } from './scalars.js';

export function fromModelList(list: ModelList): ListModelsResponse {
  return {
    models: list.models.map(fromKeptModel),
    activeVersion: list.activeVersion ?? '',
    shadowVersion: list.shadowVersion ?? '',
    configuredVersion: list.configuredVersion ?? '',
    changes: list.changes.map(fromChange),
    shadowAgreement: list.shadow && fromShadow(list.shadow),
  };
}

function fromKeptModel({ version, manifest, addedBy, addedAtMs }: ListedModel): KeptModel {
  const { sha256, featureSchemaHash, metrics } = manifest;
  const figures = Object.entries(metrics ?? {}).filter(([, value]) => Number.isFinite(value));
  return {
    version,
    sha256,
    featureSchemaHash,
    metrics: Object.fromEntries(figures),
    addedBy,
    addedAt: toTimestamp(addedAtMs),
  };
}

function fromChange({ role, version = '', isRollback, setBy, note = '', setAtMs }: ModelChange): WireChange {
  return {
    role: role === 'active' ? ModelRole.ACTIVE : ModelRole.SHADOW,
    version,
    isRollback,
    setBy,
    note,
    setAt: toTimestamp(setAtMs),
  };
}

function fromShadow({ lists, failures, ...report }: ShadowReport): ShadowAgreement {
  return { ...report, listCount: BigInt(lists), failureCount: BigInt(failures) };
}
