import type { Hyper } from "@lrfind/engine";
import { describe, yieldIfDue } from "lrfind/core";
import type { Batch, DataLoader } from "../../data/index.js";
import { LearnerError, NonFiniteLossError, NonFiniteStateError } from "../errors.js";
import type { StateCell } from "../state-cell.js";
import type { CallbackList, FitLoop } from "./callbacks/callback.js";
import type { CallbackState } from "./callbacks/callback-state.js";
import { Cancel, type CancelScope } from "./callbacks/cancel.js";
import type { EpochRecord, Validation } from "./epoch-record.js";
import type { FitHost } from "./host.js";
import { batchesOfEpoch, stepsPerEpoch } from "./mini-batches.js";
import { checkBatches, checkHyper, checkRates } from "./step/step-checks.js";
import type { StepOutcome, StepRunner } from "./step/step-runner.js";

/** What a fit is made of. */
export interface TrainingLoopOptions {
  readonly learner: FitHost;
  readonly cell: StateCell;
  readonly steps: StepRunner;
  readonly loader: DataLoader;
  /** Absent where there is nothing to validate on. */
  readonly validate?: () => Promise<Validation>;
  readonly callbacks: CallbackList;
  readonly nEpoch: number;
  readonly startEpoch: number;
  readonly lrs: readonly number[];
  readonly hyper: Hyper;
  readonly accumulate: number;
  /** Whether no callback may keep a mini-batch: later ones are then written over it. */
  readonly recycle: boolean;
  readonly signal: AbortSignal | undefined;
  /** What the callbacks remember of the fit that this one goes on with. */
  readonly remembered: readonly CallbackState[];
  /** Throws once the learner is disposed. */
  readonly checkOpen: () => void;
}

/** One fit: goes through the epochs, calls the callbacks, and commits each step as soon as it is made. */
export class TrainingLoop implements FitLoop {
  readonly learner: FitHost;
  readonly nEpoch: number;
  readonly startEpoch: number;
  readonly stepsPerEpoch: number;
  readonly signal: AbortSignal | undefined;
  readonly records: EpochRecord[] = [];
  epoch: number;
  step = 0;
  batches: readonly Batch[] = [];
  lrs: readonly number[];
  hyper: Hyper;
  loss: number | undefined;
  weight: number | undefined;
  record: EpochRecord | undefined;
  readonly #options: TrainingLoopOptions;

  constructor(options: TrainingLoopOptions) {
    this.#options = options;
    this.learner = options.learner;
    this.nEpoch = options.nEpoch;
    this.startEpoch = options.startEpoch;
    this.epoch = options.startEpoch;
    this.signal = options.signal;
    this.lrs = options.lrs;
    this.hyper = options.hyper;
    this.stepsPerEpoch = stepsPerEpoch(options.loader, options.accumulate);
  }

  get position(): number {
    return (this.epoch * this.stepsPerEpoch + this.step) / (this.nEpoch * this.stepsPerEpoch);
  }

  /** What the callbacks remember now. */
  callbackStates(): readonly CallbackState[] {
    return this.#options.callbacks.states(this);
  }

  /** Trains, and resolves to the records of the epochs. */
  async run(): Promise<EpochRecord[]> {
    const { callbacks, remembered, checkOpen } = this.#options;
    try {
      await this.#part("fit", "beforeFit", "afterFit", async () => {
        if (this.startEpoch > 0) await callbacks.restore(remembered, this);
        for (; this.epoch < this.nEpoch; this.epoch++) await this.#runEpoch();
      });
    } catch (error) {
      // What ended the fit counts, not what fails in cleaning up after it.
      await callbacks.finish(this).catch(() => {});
      throw error;
    }
    await callbacks.finish(this);
    checkOpen();
    return this.records;
  }

  async #runEpoch(): Promise<void> {
    const { cell, validate, checkOpen } = this.#options;
    const { epoch } = cell.current;
    const startedAt = performance.now();
    this.step = 0;
    this.record = undefined;
    await this.#part("epoch", "beforeEpoch", "afterEpoch", async () => {
      const mean = { sum: 0, weight: 0 };
      await this.#part("train", "beforeTrain", "afterTrain", () => this.#train(mean));
      cell.endEpoch();
      let validation: Validation | undefined;
      if (validate) {
        await this.#part("validate", "beforeValidate", "afterValidate", async () => {
          checkOpen();
          validation = await validate();
        });
      }
      this.record = {
        epoch,
        trainLoss: mean.sum / mean.weight,
        ...(validation ? { validLoss: validation.loss } : {}),
        metrics: validation?.metrics ?? {},
        durationMs: performance.now() - startedAt,
      };
      this.records.push(this.record);
    });
    // A cancelled epoch is over too: the next one has other mini-batches.
    if (cell.current.epoch === epoch) cell.endEpoch();
  }

  async #train(mean: { sum: number; weight: number }): Promise<void> {
    const { cell, loader, accumulate, recycle } = this.#options;
    const { epoch } = cell.current;
    for await (const batches of batchesOfEpoch(loader, { epoch, accumulate, recycle })) {
      await yieldIfDue();
      this.signal?.throwIfAborted();
      this.batches = batches;
      await this.#part("batch", "beforeBatch", "afterBatch", async () => {
        const { sum, weight } = await this.#makeStep();
        mean.sum += sum;
        mean.weight += weight;
        if (weight === 0) return;
        await this.#options.callbacks.call("afterStep", this);
      });
      this.step++;
    }
    this.signal?.throwIfAborted();
  }

  /** Makes a step, unless the weight of its mini-batches is 0: then the state stays as it is. */
  async #makeStep(): Promise<StepOutcome> {
    const { cell, steps, callbacks, learner, checkOpen } = this.#options;
    await callbacks.call("beforeStep", this);
    checkOpen();
    const before = cell.current;
    checkRates("fit", this.lrs, learner.paramGroups.length);
    checkHyper("fit", this.hyper, learner.optFunc.defaults);
    checkBatches("fit", this.batches);
    const outcome = await steps.step(before, this.batches, {
      lrs: this.lrs,
      hyper: this.hyper,
      trained: learner.trained,
      seed: learner.seed,
      recycle: cell.recycle,
      signal: this.signal,
    });
    const { state, made, loss, weight, nonFinite } = outcome;
    if (state === before) return outcome;
    if (!Number.isFinite(loss)) throw new NonFiniteLossError("fit", loss, before.step);
    if (nonFinite) throw new NonFiniteStateError("fit", nonFinite, { step: before.step, loss });
    cell.commit(state, made);
    this.loss = loss;
    this.weight = weight;
    return outcome;
  }

  /** Runs a part of the fit between its hooks. A part that is cancelled is over; its after-hook still runs. */
  async #part(
    scope: CancelScope,
    before: Parameters<CallbackList["call"]>[0],
    after: Parameters<CallbackList["call"]>[0],
    body: () => Promise<void>,
  ): Promise<void> {
    const { callbacks } = this.#options;
    try {
      await callbacks.call(before, this);
      await body();
    } catch (error) {
      if (!(error instanceof Cancel && error.scope === scope)) throw error;
    }
    await callbacks.call(after, this);
  }
}

/** Checks the numbers of epochs of a fit. @throws {LearnerError} */
export function checkEpochs(nEpoch: number, startEpoch: number, where = "fit nEpoch"): void {
  if (!Number.isSafeInteger(nEpoch) || nEpoch < 0) {
    throw new LearnerError({
      where,
      expected: "a whole number from 0 up",
      got: describe(nEpoch),
    });
  }
  if (!Number.isInteger(startEpoch) || startEpoch < 0 || startEpoch > nEpoch) {
    throw new LearnerError({
      where: "fit startEpoch",
      expected: `a whole number from 0 to nEpoch = ${nEpoch}`,
      got: describe(startEpoch),
    });
  }
}
