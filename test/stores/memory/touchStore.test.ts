import { MemoryTouchStore } from '../../../src/stores/memory/memoryTouchStore.js';
import { touchStoreConformance } from '../../conformance/touchStore.js';

touchStoreConformance('MemoryTouchStore', async () => new MemoryTouchStore());
