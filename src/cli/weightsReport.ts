import { textTable } from '../evaluation/reportTable.js';
import type { TypeFit, WeightsFit } from '../training/weights/fitWeights.js';

/** What a fit of weights found, line by line: every type, also those that it left where they were. */
export function weightsReport({ types, choices, people }: WeightsFit): string[] {
  return [
    `${count(choices)} choices of ${count(people)} people who came back to one of several things`,
    '',
    textTable({
      header: ['type', 'behaviours', 'people', 'before', 'after', 'data alone', '95 % interval', 'outcome'],
      rows: types.map(row),
      wordsLast: true,
    }),
    'People: before whose choices it stood. Data alone: before the order purchase > add_to_cart > favourite > inquiry > browse.',
  ];
}

function row({ type, behaviours, people, before, after, told, outcome, why }: TypeFit): string[] {
  const found =
    told === undefined ? ['–', '–'] : [short(told.weight), `${short(told.low)} to ${short(told.high)}`];
  return [
    type,
    count(behaviours),
    count(people),
    String(before),
    String(after),
    ...found,
    `${before === after ? 'unchanged' : 'changed'}, ${WORDS[outcome]}: ${why}`,
  ];
}

const WORDS: Readonly<Record<TypeFit['outcome'], string>> = {
  reference: 'the measure',
  fitted: 'fitted',
  kept: 'kept beside its neighbours',
};

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function short(weight: number): string {
  return weight.toPrecision(3);
}
