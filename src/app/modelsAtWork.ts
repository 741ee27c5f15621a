import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import type { Clock } from '../core/time.js';
import { ClickWatch } from '../inference/clickWatch.js';
import { parseManifest } from '../inference/manifest.js';
import type { Model } from '../inference/model.js';
import { createModelGate, type ModelGate } from '../inference/modelGate.js';
import { ModelGuard } from '../inference/modelGuard.js';
import type { ModelFiles, ModelStore } from '../inference/modelStore.js';
import { ModelsInForce } from '../inference/modelsInForce.js';
import { provenModel } from '../inference/onnxModel.js';
import { ShadowScoring } from '../inference/shadowScoring.js';
import { FEATURES, featureSchemaHash } from '../ranking/features/index.js';
import type { ModelScoring } from '../ranking/scoreCandidates.js';
import type { ServedList } from '../ranking/servedListStore.js';
import type { AppLog } from './parts.js';
import { TRAIN_ANEW, underOtherWeights } from './underOtherWeights.js';

/** Which part of the lists a shadow scores as well: of a core at 500 lists a second, a fiftieth. */
const SHADOW_SAMPLE_RATIO = 0.05;
/** Between two looks at what people chose. */
const JUDGE_EVERY_MS = 10_000;
/** Who takes a model back where no operator does. */
const GUARD = 'tagrank';

/** What the code computes for a model, for `provenModel`. */
export function expectedFeatures() {
  return { names: FEATURES.map(({ name }) => name), schemaHash: featureSchemaHash() };
}

/**
 * The models of an app: the one that ranks, its shadow, and who watches them. A model that an operator made
 * active and that fails, is slow, or that people choose less from, is taken back at all servers.
 */
export class ModelsAtWork {
  readonly inForce: ModelsInForce;
  readonly gate: ModelGate;
  readonly #store: ModelStore;
  readonly #shadow: ShadowScoring;
  readonly #guard = new ModelGuard();
  readonly #clicks = new ClickWatch();
  readonly #clock: Clock;
  readonly #log: AppLog;
  readonly #judging: NodeJS.Timeout;
  #condemned: string | undefined;

  constructor({
    store,
    configured,
    weights,
    clock,
    log,
  }: {
    store: ModelStore;
    configured: Model | undefined;
    weights: BehaviourWeights;
    clock: Clock;
    log: AppLog;
  }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    const load = (version: string, files: ModelFiles) => {
      const manifest = parseManifest(files.manifest, version);
      if (underOtherWeights(manifest, weights)) log.warn({ modelVersion: version }, TRAIN_ANEW);
      return provenModel(manifest, { bytes: files.bytes, name: version }, expectedFeatures());
    };
    this.inForce = new ModelsInForce({
      store,
      load,
      configured,
      onRefused: (role, version, cause) =>
        log.warn({ role, version, err: cause }, 'a model may not be used here; the one before it goes on'),
    });
    this.#shadow = new ShadowScoring({
      shadow: () => this.inForce.shadow,
      sampleRatio: SHADOW_SAMPLE_RATIO,
      random: Math.random,
      later: (work) => setImmediate(work),
      elapsedMs: () => performance.now(),
    });
    this.gate = createModelGate({
      store,
      inForce: this.inForce,
      load,
      shadowReport: () => this.#shadow.report(),
      clock,
    });
    this.#judging = setInterval(() => void this.judge(), JUDGE_EVERY_MS).unref();
  }

  onScored({ version, matrix, logOdds, ms }: ModelScoring): void {
    void this.#condemn(version, this.#guard.note({ version, failed: logOdds === undefined, ms }));
    if (logOdds !== undefined) this.#shadow.offer({ version, matrix, logOdds });
  }

  onServed({ rankId, modelVersion }: ServedList): void {
    if (modelVersion !== '') this.#clicks.served(rankId, modelVersion, this.#clock.nowMs());
  }

  onLogged(logged: readonly LoggedBehaviour[]): void {
    for (const { behaviour } of logged) {
      if (behaviour.rankId !== undefined) this.#clicks.chosen(behaviour.rankId);
    }
  }

  /** Looks at what people chose; it is done every ten seconds. */
  async judge(): Promise<void> {
    const version = this.inForce.active?.version;
    const reason = this.#clicks.judge(this.#clock.nowMs());
    if (version !== undefined) await this.#condemn(version, reason);
  }

  async close(): Promise<void> {
    clearInterval(this.#judging);
    await this.inForce.close();
  }

  /**
   * Once for a version: whoever makes it active again after that has seen why. What ranks because another was
   * taken back has ranked before, and is not judged by what came between.
   */
  async #condemn(version: string, reason: string | undefined): Promise<void> {
    if (reason === undefined || version === this.#condemned) return;
    if (version === this.inForce.configuredVersion || this.inForce.isRolledBack) return;
    this.#condemned = version;
    try {
      const word = { ifActive: version, setBy: GUARD, note: reason, setAtMs: this.#clock.nowMs() };
      const active = await this.#store.rollBack(word);
      if (active === undefined) return;
      this.#log.warn({ version, now: active.version, reason }, 'a model was taken back');
      await this.inForce.catchUp();
    } catch (cause) {
      this.#condemned = undefined;
      this.#log.warn({ version, err: cause }, 'a model cannot be taken back now');
    }
  }
}
