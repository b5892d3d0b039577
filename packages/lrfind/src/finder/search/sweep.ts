import { yieldIfDue } from "../../core/index.js";
import type { CurvePoint, StopReason } from "../curve/curve.js";
import { smoother } from "../curve/smoothing.js";
import { ContractError, LrFindOptionError } from "../errors.js";
import { divergenceWatch } from "./divergence.js";
import type { ValidationCost } from "./loss-on.js";
import type { Trainer, Trial } from "./trainer.js";

/** What one sweep is to do. */
export interface SweepPlan {
  readonly numIt: number;
  /** The rate of a step: `lr` is recorded, `lrs` (where present) goes to the parameter groups. */
  readonly rates: (step: number) => { readonly lr: number; readonly lrs?: readonly number[] };
  readonly stopDiv: boolean;
  readonly divFactor: number;
  readonly beta: number;
  readonly lossOn: "train" | "validation";
  readonly signal?: AbortSignal;
  readonly seed?: number;
}

/** How one sweep ended. */
export interface SweepEnd {
  readonly stop: StopReason;
  readonly validation: ValidationCost;
}

/** Says that the caller stopped a call, instead of its value. */
const ABORTED = Symbol("aborted");

/**
 * One mock training at rising rates: the loop behind every search.
 *
 * The trial is disposed however the loop is left: at its end, by the consumer's `break`, by an error.
 *
 * @param where - The caller, which begins every message.
 * @param trainer - What to train.
 * @param plan - Rates, stopping and smoothing.
 * @returns A generator of the points, which returns how it ended.
 */
export async function* sweep(
  where: string,
  trainer: Trainer,
  plan: SweepPlan,
): AsyncGenerator<CurvePoint, SweepEnd, void> {
  const { numIt, signal, seed } = plan;
  const validation = { count: 0, durationMs: 0 };
  const ended = (stop: StopReason): SweepEnd => ({ stop, validation });

  if (signal?.aborted) return ended("aborted");
  const started = await unlessAborted(signal, () =>
    trainer.startTrial({
      ...(seed === undefined ? {} : { seed }),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  if (started === ABORTED) return ended("aborted");
  checkTrial(where, started);
  await using trial = started;
  if (plan.lossOn === "validation" && trial.validate === undefined) throw noValidation(where);

  const smoothNext = smoother(plan.beta);
  const hasDiverged = divergenceWatch(plan.divFactor);
  for (let step = 0; step < numIt; step++) {
    await yieldIfDue();
    if (signal?.aborted) return ended("aborted");
    const rates = plan.rates(step);
    const measured = await unlessAborted(signal, () =>
      measure(where, trial, rates.lrs ?? rates.lr, validation, plan),
    );
    if (measured === ABORTED) return ended("aborted");

    const point: CurvePoint = { step, ...rates, loss: measured, smoothed: smoothNext(measured) };
    const diverged = hasDiverged(point.smoothed);
    yield point;
    if (!Number.isFinite(measured)) return ended("nonFinite");
    if (diverged && plan.stopDiv) return ended("diverged");
  }
  return ended("completed");
}

/** One step, and the loss that it is recorded with. */
async function measure(
  where: string,
  trial: Trial,
  lr: number | readonly number[],
  validation: { count: number; durationMs: number },
  { lossOn }: SweepPlan,
): Promise<number> {
  const trainLoss = checkLoss(where, "trial.step", await trial.step(lr));
  if (lossOn === "train") return trainLoss;
  await yieldIfDue();
  const startedAt = performance.now();
  const validLoss = checkLoss(where, "trial.validate", await trial.validate?.());
  validation.count++;
  validation.durationMs += performance.now() - startedAt;
  return validLoss;
}

/** The value of a call, or `ABORTED` where it rejects because of the signal. Any other error is a real one. */
async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T | typeof ABORTED> {
  try {
    return await call();
  } catch (error) {
    if (signal?.aborted && (error === signal.reason || (error as Error | null)?.name === "AbortError"))
      return ABORTED;
    throw error;
  }
}

/** Throws unless a trial has what is called, its disposal first: without it the training would leave a trace. */
function checkTrial(where: string, trial: unknown): asserts trial is Trial {
  const members = (trial ?? {}) as Partial<Trial> & Partial<Disposable>;
  const fail = (member: string, expected: string, received: unknown, hint: string): never => {
    throw new ContractError(where, { member, expected, received, hint });
  };
  if (typeof trial !== "object" || trial === null) {
    fail("trainer.startTrial", "startTrial to resolve to a trial", trial, "{ step(lr) {…}, … }");
  }
  if (typeof members.step !== "function") {
    fail("trial.step", "the trial to have a method step(lr)", members.step, "{ step(lr) {…}, … }");
  }
  const { validate } = members;
  if (validate !== undefined && typeof validate !== "function") {
    fail("trial.validate", "validate to be a method", validate, "leaving it out");
  }
  const dispose = members[Symbol.asyncDispose] ?? members[Symbol.dispose];
  if (typeof dispose === "function") return;
  const expected = "the trial to have a method [Symbol.asyncDispose], which takes the training back";
  fail(
    "trial[Symbol.asyncDispose]",
    expected,
    dispose,
    "async [Symbol.asyncDispose]() { restore the weights }",
  );
}

function checkLoss(where: string, member: string, received: unknown): number {
  if (typeof received === "number") return received;
  const expected = `${member} to resolve to a number`;
  throw new ContractError(where, {
    member,
    expected,
    received,
    hint: "the mean loss of the batch as a number",
  });
}

function noValidation(where: string): LrFindOptionError {
  const expected = 'a trainer whose trials have validate(), for lossOn "validation"';
  return new LrFindOptionError(where, {
    option: "lossOn",
    expected,
    received: undefined,
    hint: 'lossOn "train"',
  });
}
