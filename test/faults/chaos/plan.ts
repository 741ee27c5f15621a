import { seededRandom } from '../../../src/core/random.js';

/** What can be done to a process with SIGKILL, and how it comes back. */
export const KILL_KINDS = [
  'server killed',
  'redis primary killed, back before a failover',
  'redis primary killed, replica takes over',
  'postgres killed',
] as const;
/** The same with SIGSTOP: nothing is lost, and nobody is told. */
export const PAUSE_KINDS = ['server stands still', 'redis stands still', 'postgres stands still'] as const;
export type FaultKind = (typeof KILL_KINDS)[number] | (typeof PAUSE_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Which of several, from 0 to 1. */
  readonly pick: number;
  /** How long it stays away, from 0 (briefly) to 1. */
  readonly span: number;
  /** When it begins, of the run's length from 0 to 1. */
  readonly at: number;
  /** The next one does not wait until this one is over. */
  readonly overlaps: boolean;
}

/** A pause to so many kills. */
const KILLS_A_PAUSE = 4;

/** The faults of a seed, in order: every kind of kill equally often, every kind of pause among them. */
export function planFaults({ seed, kills }: { seed: number; kills: number }): Fault[] {
  const random = seededRandom(seed);
  const kinds = [
    ...cycle(KILL_KINDS, kills),
    ...cycle(PAUSE_KINDS, kills === 0 ? 0 : Math.ceil(kills / KILLS_A_PAUSE)),
  ];
  shuffle(kinds, random);
  return kinds.map((kind, i) => ({
    kind,
    pick: random(),
    span: random(),
    at: (i + random()) / kinds.length,
    overlaps: random() < 0.25,
  }));
}

function cycle<Kind>(kinds: readonly Kind[], count: number): Kind[] {
  return Array.from({ length: count }, (_, i) => kinds[i % kinds.length] as Kind);
}

function shuffle(items: unknown[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [items[i], items[other]] = [items[other], items[i]];
  }
}
