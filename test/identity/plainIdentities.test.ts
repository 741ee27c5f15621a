import { identityStoreConformance } from '../conformance/identityStore.js';
import { PlainIdentities } from '../support/plainIdentities.js';

identityStoreConformance('a plain map, for tests', async () => new PlainIdentities());
