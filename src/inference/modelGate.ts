import { FailedPreconditionError, InvalidInputError } from '../core/errors.js';
import { FieldReader } from '../core/fieldReader.js';
import type { Clock } from '../core/time.js';
import { type ModelManifest, parseManifest } from './manifest.js';
import type { Model } from './model.js';
import type { KeptModel, ModelChange, ModelFiles, ModelStore } from './modelStore.js';
import type { ModelsInForce } from './modelsInForce.js';
import type { ShadowReport } from './shadowScoring.js';

/** UTF-8 bytes of a note. */
export const MAX_NOTE_BYTES = 500;
/** Of a model and of its manifest: what takes longer to run has no place on the thread that answers. */
export const MAX_MODEL_BYTES = 8 * 2 ** 20;
const MAX_VERSION_BYTES = 256;
const CHANGES_SHOWN = 50;

export interface AddModelInput {
  readonly manifest: string;
  readonly model: Uint8Array;
  readonly addedBy: string;
}

/** A word on a model; of the note, empty means absent. */
export interface ModelWordInput {
  /** Of a shadow: empty for none. */
  readonly version: string;
  readonly setBy: string;
  readonly note?: string;
}

export interface ListedModel extends Omit<KeptModel, 'manifest'> {
  readonly manifest: ModelManifest;
}

export interface ModelList {
  /** In the order in which they were added. */
  readonly models: readonly ListedModel[];
  /** What this server ranks by; absent without a model. */
  readonly activeVersion?: string | undefined;
  readonly shadowVersion?: string | undefined;
  /** The model of this server's settings. */
  readonly configuredVersion?: string | undefined;
  /** The latest first. */
  readonly changes: readonly ModelChange[];
  readonly shadow?: ShadowReport | undefined;
}

/** What an operator does with models. All throw `InvalidInputError`, `UnavailableError`. */
export interface ModelGate {
  /**
   * Keeps a model once it has proved itself here. Answers its version, and whether it was new.
   *
   * @throws FailedPreconditionError saying what is wrong with the model, or where its version is another's.
   */
  add(input: AddModelInput): Promise<{ readonly version: string; readonly added: boolean }>;
  list(): Promise<ModelList>;
  /**
   * Ranks by a model that was added, here at once and at other servers within a second. Answers whether that
   * is new.
   *
   * @throws NotFoundError, and FailedPreconditionError where this server may not use it: nothing has changed then.
   */
  activate(input: ModelWordInput): Promise<boolean>;
  /** Has a model score beside the one that ranks, or none for an empty version; as `activate`. */
  shadow(input: ModelWordInput): Promise<boolean>;
  /**
   * Ranks by what was active before. Answers the version of that, undefined for the settings' model.
   *
   * @throws FailedPreconditionError where nothing was ever activated that was not taken back.
   */
  rollBack(input: Omit<ModelWordInput, 'version'>): Promise<string | undefined>;
}

export interface ModelGateDeps {
  readonly store: ModelStore;
  readonly inForce: Pick<ModelsInForce, 'active' | 'shadow' | 'configuredVersion' | 'prove' | 'catchUp'>;
  readonly load: (version: string, files: ModelFiles) => Promise<Model>;
  readonly shadowReport: () => ShadowReport | undefined;
  readonly clock: Clock;
}

export function createModelGate({ store, inForce, load, shadowReport, clock }: ModelGateDeps): ModelGate {
  return {
    async add({ manifest: text, model: bytes, addedBy: given }) {
      const reader = new FieldReader('');
      const addedBy = reader.id('added_by', given);
      const manifest = readManifestText(reader, text);
      if (bytes.length === 0 || bytes.length > MAX_MODEL_BYTES) {
        reader.violate('model', `must be the ONNX file, of 1 to ${MAX_MODEL_BYTES} bytes`);
      }
      if (reader.violations.length > 0 || manifest === undefined) {
        throw new InvalidInputError(reader.violations);
      }
      const { version } = manifest;
      await (await load(version, { manifest: text, bytes })).close();
      const added = await store.add({ version, manifest: text, bytes, addedBy, addedAtMs: clock.nowMs() });
      return { version, added };
    },

    async list() {
      await inForce.catchUp();
      const [models, changes] = await Promise.all([store.list(), store.changes(CHANGES_SHOWN)]);
      return {
        models: models.map((kept) => ({ ...kept, manifest: parseManifest(kept.manifest, kept.version) })),
        activeVersion: inForce.active?.version,
        shadowVersion: inForce.shadow?.version,
        configuredVersion: inForce.configuredVersion,
        changes,
        shadow: shadowReport(),
      };
    },

    async activate(input) {
      const { version, ...word } = readWord(input);
      if (version === '') throw new InvalidInputError({ field: 'version', rule: 'must be given' });
      await inForce.prove(version);
      const changed = await store.give({ ...word, role: 'active', version, setAtMs: clock.nowMs() });
      await inForce.catchUp();
      return changed;
    },

    async shadow(input) {
      const { version, ...word } = readWord(input);
      if (version !== '') await inForce.prove(version);
      const role = 'shadow' as const;
      const changed = await store.give({
        ...word,
        role,
        ...(version !== '' && { version }),
        setAtMs: clock.nowMs(),
      });
      await inForce.catchUp();
      return changed;
    },

    async rollBack(input) {
      const { setBy, note } = readWord({ version: '', ...input });
      const active = await store.rollBack({ setBy, note, setAtMs: clock.nowMs() });
      if (active === undefined) {
        throw new FailedPreconditionError('no model was activated that is not taken back already');
      }
      await inForce.catchUp();
      return active.version;
    },
  };
}

function readManifestText(reader: FieldReader, text: string): ModelManifest | undefined {
  if (Buffer.byteLength(text) > MAX_MODEL_BYTES) {
    reader.violate('manifest_json', `must have at most ${MAX_MODEL_BYTES} bytes`);
    return undefined;
  }
  try {
    const manifest = parseManifest(text, 'given');
    if (Buffer.byteLength(manifest.version) <= MAX_VERSION_BYTES) return manifest;
    reader.violate('manifest_json', `must have a version of at most ${MAX_VERSION_BYTES} bytes`);
  } catch (error) {
    reader.violate('manifest_json', `must be the manifest beside the model: ${(error as Error).message}`);
  }
  return undefined;
}

function readWord({ version, setBy, note }: ModelWordInput): {
  version: string;
  setBy: string;
  note?: string;
} {
  const reader = new FieldReader('');
  const word = {
    version: reader.optionalText('version', version, MAX_VERSION_BYTES) ?? '',
    setBy: reader.id('set_by', setBy),
    note: reader.optionalText('note', note, MAX_NOTE_BYTES),
  };
  if (reader.violations.length > 0) throw new InvalidInputError(reader.violations);
  const { note: said, ...rest } = word;
  return { ...rest, ...(said !== undefined && { note: said }) };
}
