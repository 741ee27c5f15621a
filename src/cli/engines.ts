import type { AppOptions } from '../app.js';
import type { Config } from '../config.js';

/**
 * How long a permit may be on its way into the ledger: the drivers give up before. Also how long
 * touches are refused at least after the online store lost its data.
 */
const LEDGER_SETTLE_MS = 3_000;

/** The engines that the settings name; undefined in embedded mode. */
export function enginesOf({ engines }: Config): AppOptions['engines'] {
  if (engines === undefined) return undefined;
  const { redisUrl, postgresUrl, redisMinReplicas } = engines;
  return { redisUrl, postgresUrl, minReplicas: redisMinReplicas, ledgerSettleMs: LEDGER_SETTLE_MS };
}
