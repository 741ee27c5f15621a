import { MemoryTouchStore } from '../../../src/stores/memory/memoryTouchStore.js';
import { manyTouchesConformance } from '../../conformance/manyTouches.js';
import { touchHomesConformance } from '../../conformance/touchHomes.js';
import { touchStoreConformance } from '../../conformance/touchStore.js';

touchStoreConformance('MemoryTouchStore', async () => new MemoryTouchStore());
touchHomesConformance('MemoryTouchStore', async () => new MemoryTouchStore());
manyTouchesConformance('MemoryTouchStore', async () => new MemoryTouchStore());
