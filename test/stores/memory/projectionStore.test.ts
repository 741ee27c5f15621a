import { MemoryProjectionStore } from '../../../src/stores/memory/memoryProjectionStore.js';
import { projectionStoreConformance } from '../../conformance/projectionStore.js';

projectionStoreConformance('MemoryProjectionStore', async () => {
  const store = new MemoryProjectionStore();
  return { stores: [store, store], loseEverything: async () => store.clear() };
});
