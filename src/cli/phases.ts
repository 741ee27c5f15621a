import type { EvaluationProgress } from '../evaluation/evaluate.js';
import type { ProgressBar } from '../importing/progressBar.js';

/** A callback that shows one piece of work as a phase of the bar, from its first word on. */
export function showPhase(bar: ProgressBar, name: string): (done: number, total: number) => void {
  let begun = false;
  return (done, total) => {
    if (!begun) bar.phase(name, total);
    begun = true;
    bar.update(done, `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`);
  };
}

/** Shows the questions of an evaluation, a phase a recommender. */
export function showQuestions(bar: ProgressBar): (progress: EvaluationProgress) => void {
  let current: string | undefined;
  return ({ recommender, asked, total }) => {
    if (recommender !== current) bar.phase(`ask ${recommender}`, total);
    current = recommender;
    bar.update(asked, `${asked.toLocaleString('en-US')} people`);
  };
}
