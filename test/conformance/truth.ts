import type { Truth } from '../../src/stores/postgres/openTruth.js';
import { behaviourLogConformance } from './behaviourLog.js';
import { catalogStoreConformance } from './catalogStore.js';
import { exposureTalliesConformance } from './exposureTallies.js';
import { fairnessStoreConformance } from './fairnessStore.js';
import { habitsStoreConformance } from './habitsStore.js';
import { identityStoreConformance } from './identityStore.js';
import { impressionStoreConformance } from './impressionStore.js';
import { modelStoreConformance } from './modelStore.js';
import { servedListStoreConformance } from './servedListStore.js';
import { tagOverrideStoreConformance } from './tagOverrideStore.js';
import { touchHistoryConformance } from './touchHistory.js';
import { touchLedgerConformance } from './touchLedger.js';
import { touchPolicyStoreConformance } from './touchPolicyStore.js';
import { userStoreConformance } from './userStore.js';

/** What every port of the truth promises. `makeTruth` answers an empty one each time. */
export function truthConformance(name: string, makeTruth: () => Promise<Truth>): void {
  behaviourLogConformance(name, async () => (await makeTruth()).behaviourLog);
  catalogStoreConformance(name, async () => (await makeTruth()).catalogStore);
  userStoreConformance(name, async () => (await makeTruth()).userStore);
  identityStoreConformance(name, async () => (await makeTruth()).identityStore);
  touchLedgerConformance(name, async () => (await makeTruth()).touchLedger);
  touchHistoryConformance(name, makeTruth);
  servedListStoreConformance(name, async () => (await makeTruth()).servedListStore);
  fairnessStoreConformance(name, async () => (await makeTruth()).fairnessStore);
  impressionStoreConformance(name, makeTruth);
  exposureTalliesConformance(name, makeTruth);
  tagOverrideStoreConformance(name, async () => (await makeTruth()).tagOverrideStore);
  habitsStoreConformance(name, async () => (await makeTruth()).habitsStore);
  modelStoreConformance(name, async () => (await makeTruth()).modelStore);
  touchPolicyStoreConformance(name, async () => (await makeTruth()).touchPolicyStore);
}
