import type { Tensor } from "@lrfind/engine";
import { edge } from "lrfind";
import type { Learner } from "../learner/index.js";

/** What a model must beat. */
export interface Baselines {
  /** The measure: `"accuracy"`, of which more is better, or `"rmse"`, of which less is. */
  readonly measure: "accuracy" | "rmse";
  /** Of always the commonest class, or the mean. */
  readonly constant: number;
  /** In words: `always "Adelie"`. */
  readonly constantWords: string;
  /** Of a linear model, trained as long at a rate of its own; null where the model is one, or no rate was found for it. */
  readonly linear: number | null;
}

/** What the simplest answers reach on the same held-out items. */
export async function baselinesOf(
  learner: Learner,
  linear: Learner | undefined,
  epochs: number,
): Promise<Baselines> {
  const { constant, constantWords, measure } = await constantAnswer(learner);
  return {
    measure,
    constant,
    constantWords,
    linear: linear === undefined ? null : await linearAnswer(linear, epochs, measure),
  };
}

async function constantAnswer(learner: Learner): Promise<Omit<Baselines, "linear">> {
  const { dls } = learner;
  const [held, trained] = [await targetsOf(dls.valid!), await targetsOf(dls.train)];
  if (dls.vocab === undefined) {
    const mean = trained.reduce((a, b) => a + b, 0) / trained.length;
    const constant = Math.sqrt(held.reduce((sum, x) => sum + (x - mean) ** 2, 0) / held.length);
    return { measure: "rmse", constant, constantWords: `always the mean, ${Number(mean.toPrecision(4))}` };
  }
  const counts = new Map<number, number>();
  for (const index of trained) counts.set(index, (counts.get(index) ?? 0) + 1);
  const commonest = [...counts].sort(([a, x], [b, y]) => y - x || a - b)[0]![0];
  const constant = held.filter((index) => index === commonest).length / held.length;
  return { measure: "accuracy", constant, constantWords: `always ${JSON.stringify(dls.vocab[commonest])}` };
}

async function targetsOf(loader: NonNullable<Learner["dls"]["valid"]>): Promise<number[]> {
  const parts: number[] = [];
  for (let step = 0; step < loader.batchesPerEpoch; step++) {
    const { targets } = await loader.batchAt(0, step);
    parts.push(...Array.from((targets[0] as Tensor).data as ArrayLike<number>, Number));
  }
  return parts;
}

async function linearAnswer(
  linear: Learner,
  epochs: number,
  measure: Baselines["measure"],
): Promise<number | null> {
  const found = await linear.lrFind({ suggestFuncs: [edge] });
  const lr = found.lr;
  if (lr === null) return null;
  await linear.fitOneCycle(epochs, { lrMax: lr });
  const { metrics } = await linear.validate();
  return metrics[measure] ?? null;
}
