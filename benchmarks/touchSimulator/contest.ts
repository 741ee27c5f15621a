import { fixedCap, learnedBudget, oracle, type SimulatedPolicy } from './policies.js';
import { netPerPerson, type SimulationResult, simulate } from './simulate.js';

/** Messages a day that a fixed cap allows, for all people alike. */
export const FIXED_RATES = [1 / 14, 1 / 7, 1 / 5, 1 / 4, 1 / 3, 1 / 2, 1, 2] as const;

/** A policy over all seeds, in the order of the seeds. */
interface Simulated {
  readonly name: string;
  readonly bySeed: readonly SimulationResult[];
}

export interface PolicyResult extends Simulated {
  /** Net value per person, by seed. */
  readonly nets: readonly number[];
}

/** A learned policy against the best fixed cap of its kind, chosen anew for each seed in hindsight. */
export interface Duel {
  readonly learned: string;
  readonly against: string;
  readonly wins: number;
  readonly seeds: number;
  /** Net value per person, mean over seeds. */
  readonly learnedNet: number;
  readonly bestFixedNet: number;
  readonly oracleNet: number;
}

export interface Contest {
  readonly unsubscribeCost: number;
  readonly policies: readonly PolicyResult[];
  readonly duels: readonly Duel[];
}

const FIXED = { asked: 'best fixed cap', good: 'best fixed cap + good hour' } as const;

const KINDS = ['asked', 'good'] as const;
const PAIRS = [
  ['asked', 'asked'],
  ['good', 'asked'],
  ['good', 'good'],
] as const;

/** Every policy on the same people and requests, seed by seed; once more for each cost where it matters. */
export function runContests(
  {
    seeds,
    costs,
    ...size
  }: { seeds: readonly number[]; costs: readonly number[]; people: number; days: number; riskPower: number },
  onDone: (policy: SimulatedPolicy, unsubscribeCost?: number) => void,
): Contest[] {
  const run = (policy: SimulatedPolicy, unsubscribeCost: number) =>
    seeds.map((seed) => simulate(policy, { ...size, seed, unsubscribeCost }));
  const fixed = KINDS.flatMap((hour) =>
    FIXED_RATES.map((rate) => {
      const policy = fixedCap(rate, hour);
      const bySeed = run(policy, 0);
      onDone(policy);
      return { name: policy.name, hour, bySeed };
    }),
  );
  return costs.map((unsubscribeCost) => {
    const valued = ({ name, bySeed }: Simulated): PolicyResult => ({
      name,
      bySeed,
      nets: bySeed.map((result) => netPerPerson(result, unsubscribeCost)),
    });
    const [asked, good, bound] = [learnedBudget('asked'), learnedBudget('good'), oracle].map((policy) => {
      const result = valued({ name: policy.name, bySeed: run(policy, unsubscribeCost) });
      onDone(policy, unsubscribeCost);
      return result;
    }) as [PolicyResult, PolicyResult, PolicyResult];
    const learned = { asked, good };
    const capped = fixed.map((each) => ({ hour: each.hour, ...valued(each) }));
    return {
      unsubscribeCost,
      policies: [...fixed.map(valued), asked, good, bound],
      duels: PAIRS.map(([ours, theirs]) => {
        const rivals = capped.filter(({ hour }) => hour === theirs);
        const best = seeds.map((_, i) => Math.max(...rivals.map(({ nets }) => nets[i] as number)));
        const { name, nets } = learned[ours];
        return {
          learned: name,
          against: FIXED[theirs],
          wins: nets.filter((net, i) => net > (best[i] as number)).length,
          seeds: seeds.length,
          learnedNet: meanOf(nets),
          bestFixedNet: meanOf(best),
          oracleNet: meanOf(bound.nets),
        };
      }),
    };
  });
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
