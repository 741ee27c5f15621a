import { behaviours } from './0001Behaviours.js';
import { catalogue } from './0002Catalogue.js';
import { users } from './0003Users.js';
import { touchLedger } from './0004TouchLedger.js';
import type { Migration } from './migration.js';

/** All steps of the schema, in order. A new one goes to the end. */
export const MIGRATIONS: readonly Migration[] = [behaviours, catalogue, users, touchLedger];
