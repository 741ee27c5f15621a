import { behaviours } from './0001Behaviours.js';
import { catalogue } from './0002Catalogue.js';
import { users } from './0003Users.js';
import { touchLedger } from './0004TouchLedger.js';
import { partitionFunctions } from './0005PartitionFunctions.js';
import { behavioursByMonth } from './0006BehavioursByMonth.js';
import { touchLedgerPartitions } from './0007TouchLedgerPartitions.js';
import { changeSeqs } from './0008ChangeSeqs.js';
import { identities } from './0009Identities.js';
import { servedLists } from './0010ServedLists.js';
import { touchPolicies } from './0011TouchPolicies.js';
import { touchHomes } from './0012TouchHomes.js';
import { touchHistory } from './0013TouchHistory.js';
import { behaviourContext } from './0014BehaviourContext.js';
import { touchPriority } from './0015TouchPriority.js';
import { tagOverrides } from './0016TagOverrides.js';
import { touchHabits } from './0017TouchHabits.js';
import { touchFailures } from './0018TouchFailures.js';
import { models } from './0019Models.js';
import { fairness } from './0020Fairness.js';
import { impressions } from './0021Impressions.js';
import type { Migration } from './migration.js';

/** All steps of the schema, in order. A new one goes to the end. */
export const MIGRATIONS: readonly Migration[] = [
  behaviours,
  catalogue,
  users,
  touchLedger,
  partitionFunctions,
  behavioursByMonth,
  touchLedgerPartitions,
  changeSeqs,
  identities,
  servedLists,
  touchPolicies,
  touchHomes,
  touchHistory,
  behaviourContext,
  touchPriority,
  tagOverrides,
  touchHabits,
  touchFailures,
  models,
  fairness,
  impressions,
];
