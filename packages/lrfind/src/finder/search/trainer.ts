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
   * @param options.signal - Lets a long `step` end early, by rejecting with the signal's reason.
   */
  startTrial(options?: { readonly seed?: number; readonly signal?: AbortSignal }): Promise<Trial>;
  /** Names of the parameter groups, first layers first. Default: one group. */
  readonly paramGroups?: readonly string[];
  /** What this is, for the result and its file. Default: nothing is said. */
  readonly info?: TrainerInfo;
}

/** What trained: it goes into the result as it is, and tells a reader what the curve is of. Plain data. */
export interface TrainerInfo {
  /** A name: `"ResNet-18, adam"`. */
  readonly name?: string;
  /** How many numbers are trained. */
  readonly parameters?: number;
  /** Versions of what it ran on, by name: `{ "onnxruntime-node": "1.30.0" }`. */
  readonly versions?: Readonly<Record<string, string>>;
}

/**
 * A mock training. Disposing it leaves the trainer exactly as it was found: parameters, optimizer state,
 * batch-norm statistics, random numbers, data order, learning rate. Disposing twice is harmless.
 */
export interface Trial extends AsyncDisposable {
  /**
   * One optimizer step, whatever it takes (several mini-batches, where gradients are accumulated).
   *
   * @param lr - The learning rate: one number, or one per parameter group.
   * @returns The loss of that mini-batch before the update.
   */
  step(lr: number | readonly number[]): Promise<number>;
  /** Mean loss over the validation set, without changing anything. */
  validate?(): Promise<number>;
}
