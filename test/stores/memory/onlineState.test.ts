import { STARTING_WEIGHTS } from '../../../src/behaviour/weights.js';
import { extractQueryTags } from '../../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../../src/catalog/titleSegmenter.js';
import { MemoryOnlineState } from '../../../src/stores/memory/memoryOnlineState.js';
import { onlineStateConformance } from '../../conformance/onlineState.js';

const segmenter = createTitleSegmenter();

onlineStateConformance(
  'memory',
  async (catalog) =>
    new MemoryOnlineState({
      catalog,
      weights: STARTING_WEIGHTS,
      queryTags: (query) => extractQueryTags(query, segmenter),
    }),
);
