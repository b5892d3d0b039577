/**
 * Anything that can train for a while and then take it all back: the one seam between the finder and the
 * world. lrfind's `Learner` is one; an adapter makes another framework one.
 *
 * @example
 * ```ts
 * // Gradient descent on f(w) = w², whose loss before each update is returned.
 * let w = 1;
 * const trainer: Trainer = {
 *   async startTrial() {
 *     const saved = w;
 *     return {
 *       async step(lr) {
 *         const loss = w * w;
 *         w -= (lr as number) * 2 * w;
 *         return loss;
 *       },
 *       async [Symbol.asyncDispose]() {
 *         w = saved;
 *       },
 *     };
 *   },
 * };
 * ```
 */
export interface Trainer {
  /**
   * Begins a mock training from the current state.
   *
   * @param options.seed - Which batch order (and, where the trainer can, which initial weights) the trial
   *   uses; trials of one seed are identical. Default: the trainer's own next batches and current weights.
   * @param options.signal - Lets a long `step` end early.
   */
  startTrial(options?: { readonly seed?: number; readonly signal?: AbortSignal }): Promise<Trial>;
  /** Names of the parameter groups, first layers first. Default: one group. */
  readonly paramGroups?: readonly string[];
}

/**
 * A mock training. Disposing it leaves the trainer exactly as it was found: parameters, optimizer state,
 * batch-norm statistics, random numbers, data order, learning rate. Disposing twice is harmless.
 */
export interface Trial extends AsyncDisposable {
  /**
   * One optimizer step.
   *
   * @param lr - The learning rate: one number, or one per parameter group.
   * @returns The loss of that mini-batch before the update.
   */
  step(lr: number | readonly number[]): Promise<number>;
  /** Mean loss over the validation set, without changing anything. */
  validate?(): Promise<number>;
}

/**
 * Why a range test ended: every step was made; the smoothed loss rose past the divergence limit; a loss was
 * NaN or infinite; or the caller stopped it.
 */
export type StopReason = "completed" | "diverged" | "nonFinite" | "aborted";

/** One step of a range test. */
export interface CurvePoint {
  /** 0-based index of the step. */
  readonly step: number;
  /** Learning rate of this step (of the swept or, where all are swept, the last group). */
  readonly lr: number;
  /** Learning rate of every parameter group, where there are several. */
  readonly lrs?: readonly number[];
  /** Loss of the mini-batch before the update (or the validation loss, with `lossOn: "validation"`). */
  readonly loss: number;
  /** Exponential moving average of `loss`, bias-corrected. */
  readonly smoothed: number;
}

/** What a range test measured: three columns of equal length. Plain data; `curve.json` is its file form. */
export interface Curve {
  /** How many steps were asked for; `lr.length` may be less. */
  readonly numIt: number;
  /** Why the test ended. */
  readonly stop: StopReason;
  /** Learning rates, ascending. */
  readonly lr: readonly number[];
  /** Raw mini-batch losses. */
  readonly loss: readonly number[];
  /** Smoothed losses. */
  readonly smoothed: readonly number[];
}

/**
 * What a suggester found: a rate and the point of the curve it was read from, or the reason why this curve
 * supports none.
 */
export type Suggestion =
  | { readonly lr: number; readonly point: { readonly lr: number; readonly loss: number } }
  | { readonly lr: null; readonly reason: string };
