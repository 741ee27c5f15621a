import { FailedPreconditionError, NotFoundError } from '../core/errors.js';
import { FeedFollower } from '../core/feedFollower.js';
import type { Model } from './model.js';
import type { ModelChange, ModelFiles, ModelRole, ModelStore } from './modelStore.js';
import { RetiringModel } from './retiringModel.js';

/** How soon a word said at another server holds here, about. */
const LOOK_EVERY_MS = 400;

export interface ModelsInForceDeps {
  readonly store: Pick<ModelStore, 'inForce' | 'read'>;
  /** Loads a model and proves it; rejects with `FailedPreconditionError` where it may not be used here. */
  readonly load: (version: string, files: ModelFiles) => Promise<Model>;
  /** The model of the server's settings, which ranks until another is made active; it is closed with the rest. */
  readonly configured: Model | undefined;
  /** Told that a model may not be used here; the one before it goes on. */
  readonly onRefused: (role: ModelRole, version: string, cause: unknown) => void;
}

/** A model in its role, and the word that gave it. */
interface InRole {
  readonly seq: number;
  readonly isRollback: boolean;
  readonly model: RetiringModel | undefined;
}

/**
 * The models that this process ranks by and compares with, as the truth has them. A model is loaded and proved
 * before it takes its role, in one step between two requests; the one before it finishes what it has begun.
 * Where one may not be used here (a server of another version computes other features) the one before it goes
 * on, and the word is not tried again.
 */
export class ModelsInForce extends FeedFollower {
  readonly #deps: ModelsInForceDeps;
  readonly #configured: RetiringModel | undefined;
  readonly #roles: Record<ModelRole, InRole>;
  /** Loaded before anybody was told to use it. */
  #proved: Model | undefined;

  constructor(deps: ModelsInForceDeps) {
    super({ readAll: () => this.#readAll(), everyMs: LOOK_EVERY_MS });
    this.#deps = deps;
    this.#configured = deps.configured && new RetiringModel(deps.configured);
    const unsaid = { seq: 0, isRollback: false };
    this.#roles = {
      active: { ...unsaid, model: this.#configured },
      shadow: { ...unsaid, model: undefined },
    };
  }

  get active(): Model | undefined {
    return this.#roles.active.model;
  }

  /** Whether the active model is there because another was taken back. */
  get isRolledBack(): boolean {
    return this.#roles.active.isRollback;
  }

  get shadow(): Model | undefined {
    return this.#roles.shadow.model;
  }

  /** The version of the settings' model. */
  get configuredVersion(): string | undefined {
    return this.#configured?.version;
  }

  /**
   * Loads a kept model before it gets a role: to be refused while nothing has changed, and to be there at once.
   * Throws `NotFoundError`; `FailedPreconditionError` where it may not be used here.
   */
  async prove(version: string): Promise<void> {
    const files = await this.#deps.store.read(version);
    if (files === undefined) throw new NotFoundError(`no model ${JSON.stringify(version)} was added`);
    await this.#keepProved(await this.#deps.load(version, files));
  }

  /** Stops following, and lets go of all models. */
  async close(): Promise<void> {
    await this.stop();
    await this.#keepProved(undefined);
    const models = [this.#configured, this.#roles.active.model, this.#roles.shadow.model];
    await Promise.all([...new Set(models)].map((model) => model?.retire()));
  }

  async #readAll(): Promise<void> {
    const words = await this.#deps.store.inForce();
    for (const role of ['active', 'shadow'] as const) {
      const word = words[role];
      if (word !== undefined && word.seq > this.#roles[role].seq) await this.#follow(role, word);
    }
  }

  async #follow(
    role: ModelRole,
    { seq, isRollback, version }: Pick<ModelChange, 'seq' | 'isRollback' | 'version'>,
  ): Promise<void> {
    const before = this.#roles[role].model;
    const model = await this.#modelFor(role, version);
    this.#roles[role] = { seq, isRollback, model: model === 'refused' ? before : model };
    const isInUse = Object.values(this.#roles).some((inRole) => inRole.model === before);
    // Requests that began with it finish with it.
    if (!isInUse && before !== this.#configured) void before?.retire();
  }

  async #modelFor(
    role: ModelRole,
    version: string | undefined,
  ): Promise<RetiringModel | undefined | 'refused'> {
    if (version === undefined) return role === 'active' ? this.#configured : undefined;
    const inUse = Object.values(this.#roles).find(({ model }) => model?.version === version)?.model;
    if (inUse !== undefined && inUse !== this.#configured) return inUse;
    if (this.#proved?.version === version) {
      const proved = new RetiringModel(this.#proved);
      this.#proved = undefined;
      return proved;
    }
    try {
      const files = await this.#deps.store.read(version);
      if (files === undefined) throw new FailedPreconditionError(`model ${version} is not kept`);
      return new RetiringModel(await this.#deps.load(version, files));
    } catch (cause) {
      if (!(cause instanceof FailedPreconditionError)) throw cause;
      this.#deps.onRefused(role, version, cause);
      return 'refused';
    }
  }

  async #keepProved(model: Model | undefined): Promise<void> {
    const before = this.#proved;
    this.#proved = model;
    await before?.close();
  }
}
