import { describe } from 'vitest';
import { truthConformance } from '../../conformance/truth.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

describe.runIf(canRunPostgres())('on a PostgreSQL server', () => {
  const server = serverTruths();
  truthConformance('PostgreSQL', () => server.emptyTruth());
});
