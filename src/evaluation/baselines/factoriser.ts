import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FailedPreconditionError } from '../../core/errors.js';
import type { Past } from './past.js';

/** How a matrix of people and products is factorised. */
export interface FactorisationSettings {
  readonly method: 'als' | 'bpr';
  readonly factors: number;
  readonly regularisation: number;
  readonly iterations: number;
  /** Whether a person's own products may be recommended again. */
  readonly ownProducts: boolean;
  /** Of ALS: confidence is 1 + alpha · weight. */
  readonly alpha?: number;
  /** Of BPR. */
  readonly learningRate?: number;
}

/** Where to find what factorises. */
export interface FactoriserProgram {
  readonly python: string;
  /** `models/baselines`, with `factorise.py` and `requirements.txt`. */
  readonly scriptFolder: string;
}

/** Behaviours told in one line. */
const BATCH = 10_000;

/**
 * A process of `models/baselines/factorise.py` that knows a past as it grows, and holds models of it. One
 * question at a time. Whoever starts it closes it.
 */
export class Factoriser {
  readonly #past: Past;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #program: FactoriserProgram;
  readonly #ended: Promise<unknown>;
  #complaint = '';
  #told = 0;

  private constructor(program: FactoriserProgram, past: Past, child: ChildProcessWithoutNullStreams) {
    this.#program = program;
    this.#past = past;
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(child, 'close');
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text;
    });
    // A process that ended says why on standard error; that it cannot be written to says nothing.
    child.stdin.on('error', () => {});
  }

  /** @throws FailedPreconditionError saying how to get Python or its libraries when they are missing */
  static async start(program: FactoriserProgram, past: Past): Promise<Factoriser> {
    const child = spawn(program.python, [join(program.scriptFolder, 'factorise.py')]);
    try {
      await once(child, 'spawn');
    } catch (cause) {
      const found = (cause as NodeJS.ErrnoException).code !== 'ENOENT';
      throw new FailedPreconditionError(
        `${program.python} ${found ? 'cannot be run' : 'was not found'}: ` +
          'matrix factorisation needs Python 3.11 or later; --python names it',
        found ? { cause } : {},
      );
    }
    const factoriser = new Factoriser(program, past, child);
    // One that lacks a library ends at its first line, with nothing of the past to blame.
    await factoriser.#call({ do: 'learn', events: [] });
    await factoriser.catchUp();
    return factoriser;
  }

  /** Tells what is new in the past. */
  async catchUp(): Promise<void> {
    while (this.#told < this.#past.log.length) {
      const events = this.#past.log.slice(this.#told, this.#told + BATCH);
      this.#told += events.length;
      await this.#call({
        do: 'learn',
        events: events.map(({ userId, behaviour }) => [userId, behaviour.product, behaviour.weight]),
      });
    }
  }

  /** Fits a model to all that was told, and answers its number. */
  async fit(settings: FactorisationSettings & { seed: number }): Promise<number> {
    const { model } = await this.#call({ do: 'fit', settings });
    return model as number;
  }

  /** Goes on fitting a model, to all that has been told by now. */
  async refit(model: number): Promise<void> {
    await this.#call({ do: 'refit', model });
  }

  /** At most `k` products, best first; none for somebody of whom nothing was told. */
  async recommend(model: number, userId: string, k: number): Promise<number[]> {
    const { products } = await this.#call({ do: 'recommend', model, user: userId, k });
    return products as number[];
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  async #call(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#answers.next();
    if (!done) return JSON.parse(value) as Record<string, unknown>;
    await this.#ended;
    throw new FailedPreconditionError(failureWords(this.#program, this.#complaint));
  }
}

function failureWords({ python, scriptFolder }: FactoriserProgram, complaint: string): string {
  const missing = /ModuleNotFoundError: No module named '([^']+)'/.exec(complaint)?.[1];
  if (missing !== undefined) {
    return (
      `${python} lacks a library that matrix factorisation needs (${missing}). Install them with:\n` +
      `  ${python} -m pip install -r ${join(scriptFolder, 'requirements.txt')}`
    );
  }
  return `matrix factorisation failed: ${complaint.trim().split('\n').at(-1) || 'it said nothing'}`;
}
