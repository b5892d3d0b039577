import { edge, minimum, slide, steep, suggest, valley } from "../packages/lrfind/src/finder/index.js";
import { curveOf, type Task } from "../packages/lrfind/test/finder/recorded.js";

/** How far from the best a way to choose the rate ends up, over some tasks. */
export interface RegretRow {
  readonly name: string;
  /** Mean over the tasks of the mean over a task's curves of ln(loss / best loss). */
  readonly mean: number;
  /** The task with the largest mean regret, and that regret. */
  readonly worst: { readonly task: string; readonly regret: number };
  /** Curves that gave no rate; they are left out of the mean. */
  readonly silent: number;
}

const SUGGESTERS = [valley, steep, slide, minimum, edge] as const;

/**
 * The mean regret of every suggester, and of `edge` over three runs (the geometric mean of three curves'
 * edges, for all triples of a task's curves).
 *
 * The regret of a rate is `ln(loss(rate) / min loss)`, where the loss is the final validation loss of a
 * one-cycle training at that rate: averaged over seeds at each rate of the task's grid, each capped at 1.5
 * times its initial loss (a diverged training counts as that), and interpolated over log rate in between.
 */
export function regretTable(tasks: readonly Task[]): readonly RegretRow[] {
  const rows = SUGGESTERS.map((func) =>
    row(func.name, tasks, (task) =>
      task.curves.map((curve) => Object.values(suggest(curveOf(curve), { suggestFuncs: [func] }))[0]!.lr),
    ),
  );
  return [...rows, row("edge, 3 runs", tasks, edgesOfThree)];
}

function edgesOfThree({ curves }: Task): (number | null)[] {
  const edges = curves.map((curve) => suggest(curveOf(curve), { suggestFuncs: [edge] }).edge.lr);
  const means: (number | null)[] = [];
  for (const [a, first] of edges.entries()) {
    for (const [b, second] of edges.entries()) {
      for (const [c, third] of edges.entries()) {
        if (!(a < b && b < c)) continue;
        means.push(
          first === null || second === null || third === null ? null : Math.cbrt(first * second * third),
        );
      }
    }
  }
  return means;
}

function row(name: string, tasks: readonly Task[], ratesOf: (task: Task) => (number | null)[]): RegretRow {
  let silent = 0;
  const regrets = tasks.map((task) => {
    const answers = ratesOf(task);
    const rates = answers.filter((lr) => lr !== null);
    silent += answers.length - rates.length;
    return { task: task.task, regret: mean(rates.map((lr) => regret(task, lr))) };
  });
  const worst = regrets.reduce((a, b) => (b.regret > a.regret ? b : a));
  return { name, mean: mean(regrets.map((each) => each.regret)), worst, silent };
}

/** ln(loss at a rate / the best loss of the grid). */
function regret({ grid, oneCycle, initialLoss }: Task, lr: number): number {
  const final = grid.map((_, i) =>
    mean(
      oneCycle.map((losses, seed) => {
        const cap = 1.5 * initialLoss[seed]!;
        const loss = Number(losses[i]);
        return Number.isNaN(loss) ? cap : Math.min(loss, cap);
      }),
    ),
  );
  return Math.log(interpolate(grid, final, lr) / Math.min(...final));
}

/** Linear over log rate; the nearest end's value outside the grid. */
function interpolate(grid: readonly number[], values: readonly number[], lr: number): number {
  const above = grid.findIndex((rate) => rate >= lr);
  if (above === 0) return values[0]!;
  if (above < 0) return values.at(-1)!;
  const share = Math.log(lr / grid[above - 1]!) / Math.log(grid[above]! / grid[above - 1]!);
  return values[above - 1]! + share * (values[above]! - values[above - 1]!);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
