import {
  edge,
  formatLoss,
  formatRate,
  type LrFindResult,
  minimum,
  type Suggester,
  slide,
  steep,
  valley,
} from "lrfind";
import { type Learner, LearnerError } from "../learner/index.js";
import type { TrainDataOptions, TrainHost } from "./options.js";
import type { TrainPlan } from "./plan/train-plan.js";

/** The peak rate of a run, and how it was come by. */
export interface Rate {
  readonly lr: number;
  /** In words. */
  readonly words: string;
  /** Absent where the rate was given. */
  readonly search?: LrFindResult;
  /** Of a step of the search, without what a step of a training has around it; in milliseconds. */
  readonly stepMs?: number;
}

/** A mean of word vectors has a long, even descent, of which the edge is far too high; else the edge is best. */
const SUGGESTERS: Readonly<Record<TrainPlan["kind"], readonly Suggester[]>> = {
  table: [edge, valley, slide, steep, minimum],
  images: [edge, valley, slide, steep, minimum],
  text: [valley, edge, slide, steep, minimum],
};
/** A search of so few steps tells how long one takes. */
const TIMED_STEPS = 10;

/**
 * The rate that was asked for, else that of the first suggester which has an answer.
 *
 * @throws {LearnerError} where none has.
 */
export async function findRate(
  learner: Learner,
  kind: TrainPlan["kind"],
  { lr, maxTime, progress, signal }: TrainDataOptions & TrainHost,
): Promise<Rate> {
  const stopping = signal ? { signal } : {};
  if (lr !== undefined) {
    if (maxTime === undefined) return { lr, words: "as given" };
    // A search leaves no trace: what comes after it is the same without it.
    const timed = await learner.lrFind({ suggestFuncs: [minimum], numIt: TIMED_STEPS, ...stopping });
    signal?.throwIfAborted();
    return { lr, words: "as given", stepMs: stepMsOf(timed) };
  }
  const search = await learner.lrFind({
    suggestFuncs: SUGGESTERS[kind],
    ...stopping,
    onPoint: ({ lr: rate, smoothed }, { done, total }) =>
      progress?.("search", done, total, `lr ${formatRate(rate)}  loss ${formatLoss(smoothed)}`),
  });
  signal?.throwIfAborted();
  const found = Object.entries(search.suggestions).find(([, suggestion]) => suggestion.lr !== null);
  if (found) return { lr: found[1].lr!, words: wordsOf(search, found[0]), search, stepMs: stepMsOf(search) };
  const why = search.diagnostics[0]?.message ?? "no suggester has an answer";
  throw new LearnerError({
    where: "trainData",
    expected: "a learning rate",
    got: `none: ${why}`,
    hint: "--lr 1e-3",
  });
}

function stepMsOf({ durationMs, curve }: LrFindResult): number {
  return durationMs / Math.max(1, curve.lr.length);
}

/** Which suggester it is of, and what the others say: how far to trust it. */
function wordsOf({ suggestions }: LrFindResult, taken: string): string {
  const others = Object.entries(suggestions).flatMap(([name, { lr }]) =>
    name === taken || lr === null ? [] : `${name} ${formatRate(lr)}`,
  );
  return [`by ${taken}`, ...(others.length > 0 ? [`others: ${others.join(", ")}`] : [])].join("; ");
}
