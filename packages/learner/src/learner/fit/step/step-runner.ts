import type {
  GradientTransform,
  Hyper,
  LossFunc,
  Model,
  Optimizer,
  ParamGroup,
  Session,
  SessionOptions,
  Tensor,
  TrainingGraph,
} from "@lrfind/engine";
import {
  allocate,
  buildTrainingGraph,
  createSession,
  defaultProvider,
  fillDropoutMask,
  mixedLoss,
  sizeOf,
} from "@lrfind/engine";
import { slotName } from "@lrfind/engine/internal";
import { didYouMean } from "lrfind/core";
import type { Batch } from "../../../data/index.js";
import { LearnerError } from "../../errors.js";
import type { StateTensors, TrainState } from "../../state.js";
import type { Cohorts } from "./cohorts.js";
import { cohortScalars, cohortsOf, withCohorts } from "./cohorts.js";
import { batchFeeds, type Feeds, lossOf, scalar, targetsOf } from "./feeds.js";
import type { NonFinite } from "./finiteness.js";
import { findNonFinite } from "./finiteness.js";
import type { FixedRows } from "./fixed-rows.js";
import { fixedRowsOf, restoreFixedRows } from "./fixed-rows.js";
import { prepareModel } from "./prepare.js";
import type { SessionCache } from "./session-cache.js";
import { changedNames, type FedSlot, fedSlots } from "./step-slots.js";

/** What stays the same over all steps of a learner. */
export interface StepRunnerOptions {
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly optimizer: Optimizer;
  readonly groups: readonly ParamGroup[];
  /** Names of the parameters that weight decay applies to. */
  readonly decayed: ReadonlySet<string>;
  readonly gradientTransform?: GradientTransform;
  readonly runtime?: SessionOptions;
  readonly sessions: SessionCache;
}

/** What one step is told. */
export interface StepOptions {
  /** One learning rate per parameter group. */
  readonly lrs: readonly number[];
  readonly hyper: Hyper;
  /** Names of the parameters to train. */
  readonly trained: ReadonlySet<string>;
  /** Seed of dropout's masks. */
  readonly seed: number;
  /** Tensors that nobody else holds, by state name, which the new state may be written into. */
  readonly recycle?: StateTensors;
  /** Ends the step between two mini-batches, or before or after its graph is prepared, by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What one step led to. */
export interface StepOutcome {
  readonly state: TrainState;
  /** Those of the new state's tensors that the step made. */
  readonly made: StateTensors;
  /** Mean over the mini-batches, before the update: the sum of their losses' sums over that of their weights. */
  readonly loss: number;
  /** The same before the division by `weight`. */
  readonly sum: number;
  /** What the loss is a mean over. At 0 there is no mean to step by, and the state is the one before. */
  readonly weight: number;
  /** What in the new state is NaN or infinite: such a state is no better than none. */
  readonly nonFinite?: NonFinite | undefined;
}

type Mode = TrainingGraph["mode"];

interface CompiledStep {
  readonly training: TrainingGraph;
  /** Names of the state's tensors that the step replaces. */
  readonly changed: readonly string[];
  /** What it is fed of the state and of the sums of gradients. */
  readonly fed: readonly FedSlot[];
  readonly session: Session;
}

/** Runs training steps: one session per shape of mini-batch, set of trained parameters and part of a step. */
export class StepRunner {
  readonly #options: StepRunnerOptions;
  readonly #zeros = new Map<string, Tensor<"float32">>();
  readonly #masks = new Map<string, Float32Array>();
  readonly #fixedRows: readonly FixedRows[];

  constructor(options: StepRunnerOptions) {
    this.#options = options;
    this.#fixedRows = fixedRowsOf(options.model);
  }

  /**
   * One optimizer step with the gradient of the mean loss over all mini-batches, as of one large one. The state is not
   * changed; a failing step leaves no trace.
   *
   * @param batches - At least one.
   */
  async step(state: TrainState, batches: readonly Batch[], options: StepOptions): Promise<StepOutcome> {
    const cohorts = cohortsOf(options.trained, state);
    const made: Record<string, Tensor<"float32">> = {};
    let sums: Record<string, Tensor> = {};
    let sum = 0;
    let weight = 0;
    let nonFinite: NonFinite | undefined;
    for (const [i, batch] of batches.entries()) {
      options.signal?.throwIfAborted();
      const isLast = i === batches.length - 1;
      const mode: Mode = !isLast ? "accumulate" : i === 0 ? "step" : "applySums";
      const tensors = merged(state.tensors, made);
      const run = async ({ training, session, changed, fed }: CompiledStep) => {
        for (const targets of [batch.targets, ...(batch.mix ? [batch.mix.targets] : [])]) {
          this.#options.lossFunc.check?.({ shape: training.predictionShape }, targets);
        }
        const feeds = batchFeeds(batch);
        this.#feedState(feeds, fed, tensors, sums);
        this.#feedHyper(feeds, training, options, cohorts, weight);
        this.#feedMasks(feeds, training, { seed: options.seed, step: state.step, part: i });
        const results = await session.run(feeds, { into: reusable(changed, options.recycle, tensors) });
        return { training, changed, results };
      };
      const { training, changed, results } = await this.#use(batch, mode, options, cohorts, run);
      for (const name of changed) made[name] = results[slotName.next(name)] as Tensor<"float32">;
      if (mode !== "accumulate")
        restoreFixedRows(made, tensors, {
          fixed: this.#fixedRows,
          slots: training.slots,
          parameterSlots: this.#options.optimizer.parameterSlots ?? [],
        });
      if (mode === "accumulate") {
        sums = Object.fromEntries(
          training.trained.map(slotName.sum).map((name) => [name, results[slotName.next(name)]!]),
        );
      }
      const part = lossOf(results, training);
      sum += part.sum;
      weight += part.weight;
      const sentinel = results.sentinel?.data[0] ?? 0;
      if (!Number.isFinite(sentinel)) nonFinite = findNonFinite(made, state.tensors);
    }
    if (weight === 0 && Number.isFinite(sum)) return { state, made: {}, loss: Number.NaN, sum, weight };
    const ages = merged(state.ages);
    for (const [name, i] of cohorts.of) ages[name] = cohorts.ages[i]! + 1;
    const next: TrainState = {
      tensors: merged(state.tensors, made),
      step: state.step + 1,
      epoch: state.epoch,
      ages,
    };
    return { state: next, made, loss: sum / weight, sum, weight, nonFinite };
  }

  #use<R>(
    batch: Batch,
    mode: Mode,
    { trained, hyper, signal }: Pick<StepOptions, "trained" | "hyper" | "signal">,
    cohorts: Cohorts,
    act: (compiled: CompiledStep) => Promise<R>,
  ): Promise<R> {
    // Without decay its nodes are left out: they would pass over every weight once or twice for nothing.
    const decays = hyper.wd !== 0;
    const types = [...batch.inputs, ...targetsOf(batch)].map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const key = [mode, types.join(), [...trained].join(), decays, cohorts.key].join("|");
    const make = () => this.#build(batch, { mode, trained, cohorts, decays, signal });
    return this.#options.sessions.use(key, make, act);
  }

  async #build(
    batch: Batch,
    how: {
      readonly mode: Mode;
      readonly trained: ReadonlySet<string>;
      readonly cohorts: Cohorts;
      readonly decays: boolean;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<CompiledStep> {
    const { mode, trained, cohorts, decays, signal } = how;
    const { runtime = {}, optimizer, sessions: _, ...parts } = this.#options;
    const { inputs } = batch;
    await prepareModel(parts.model, inputs, signal);
    const training = buildTrainingGraph({
      ...parts,
      lossFunc: batch.mix ? mixedLoss(parts.lossFunc) : parts.lossFunc,
      optimizer: withCohorts(optimizer, cohorts),
      inputs,
      targets: targetsOf(batch),
      trained,
      mode,
      ...(decays ? {} : { decayed: new Set<string>() }),
      target: runtime.provider ?? defaultProvider(),
    });
    const session = await createSession(training.graph, runtime);
    return { training, session, changed: changedNames(training), fed: fedSlots(training, optimizer) };
  }

  #feedState(feeds: Feeds, fed: readonly FedSlot[], tensors: StateTensors, sums: Record<string, Tensor>) {
    for (const { name, shape, start } of fed) {
      const known = tensors[name] ?? sums[name] ?? this.#start(start, shape, tensors);
      if (known) feeds[name] = known;
    }
  }

  #feedHyper(feeds: Feeds, training: TrainingGraph, options: StepOptions, cohorts: Cohorts, prior: number) {
    const scalars = cohortScalars(this.#options.optimizer, cohorts, options.hyper);
    for (const name of training.scalars) {
      const value = name === "priorWeight" ? prior : scalars[name];
      if (value === undefined) throw missingScalar(this.#options.optimizer, name, scalars);
      feeds[slotName.scalar(name)] = scalar(value);
    }
    for (const group of training.groups) feeds[slotName.lr(group)] = scalar(options.lrs[group]!);
  }

  #feedMasks(feeds: Feeds, { masks }: TrainingGraph, at: { seed: number; step: number; part: number }) {
    for (const { name, shape, keepProb } of masks) {
      let data = this.#masks.get(name);
      if (data?.length !== sizeOf(shape)) {
        data = allocate("float32", sizeOf(shape));
        this.#masks.set(name, data);
      }
      // The key's epoch numbers the mini-batches of one step: the steps are counted over all epochs.
      const key = { seed: at.seed, stream: name, step: at.step, epoch: at.part };
      fillDropoutMask(data, { keepProb, scale: 1 / keepProb }, key);
      feeds[name] = { dtype: "float32", shape, data };
    }
  }

  #start(start: FedSlot["start"], shape: readonly number[], tensors: StateTensors): Tensor | undefined {
    return start === "zeros" ? this.#zero(shape) : start && tensors[start.tensor];
  }

  #zero(shape: readonly number[]): Tensor<"float32"> {
    const key = shape.join();
    const known = this.#zeros.get(key);
    if (known) return known;
    const zero = { dtype: "float32", shape, data: allocate("float32", sizeOf(shape)) } as const;
    this.#zeros.set(key, zero);
    return zero;
  }
}

/**
 * A new record with all entries of some; a later one's take the place of an earlier one's.
 *
 * Not by spreading: V8 may give what it makes a hidden class of its own each time, 5 KB a step that only a full
 * collection frees.
 */
function merged<T>(...records: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign({}, ...records);
}

/** Tensors to write results into: never one that the step reads. */
function reusable(names: readonly string[], recycle: StateTensors = {}, read: StateTensors = {}) {
  const into: Record<string, Tensor> = {};
  for (const name of names) {
    const recycled = recycle[name];
    if (recycled && recycled !== read[name]) into[slotName.next(name)] = recycled;
  }
  return into;
}

/** The optimizer's update asks for a number that its `scalars` does not give. */
function missingScalar(
  { name: optimizer }: Optimizer,
  scalar: string,
  given: Readonly<Record<string, number>>,
): LearnerError {
  const plain = (name: string) => name.slice(name.indexOf("/") + 1);
  const names = [...new Set(Object.keys(given).map(plain))];
  return new LearnerError({
    where: `optimizer "${optimizer}"`,
    expected: `scalars to give "${plain(scalar)}", which its update asks for`,
    got: names.length === 0 ? "none" : names.join(", "),
    hint: didYouMean(plain(scalar), names) ?? `scalars: () => ({ ${plain(scalar)}: 0.1 })`,
  });
}
