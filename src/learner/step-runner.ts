import type { Batch } from "../data/index.js";
import type {
  GradientTransform,
  Hyper,
  LossFunc,
  Model,
  Optimizer,
  ParamGroup,
  TrainingGraph,
} from "../nn/index.js";
import { buildTrainingGraph } from "../nn/index.js";
import type { Tensor } from "../onnx/index.js";
import { allocate, sizeOf, tensor } from "../onnx/index.js";
import { fillDropoutMask } from "../random/index.js";
import type { Session, SessionOptions } from "../runtime/index.js";
import { createSession } from "../runtime/index.js";
import type { TrainState } from "./state.js";

/** What stays the same over all steps of a learner. */
export interface StepRunnerOptions {
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly optimizer: Optimizer;
  readonly groups: readonly ParamGroup[];
  readonly gradientTransform?: GradientTransform;
  readonly runtime?: SessionOptions;
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
  readonly recycle?: TrainState["tensors"];
}

interface CompiledStep {
  readonly training: TrainingGraph;
  readonly session: Session;
}

/** Runs training steps: one session per shape of mini-batch and set of trained parameters. */
export class StepRunner implements AsyncDisposable {
  readonly #options: StepRunnerOptions;
  readonly #compiled = new Map<string, Promise<CompiledStep>>();
  readonly #zeros = new Map<string, Tensor<"float32">>();
  readonly #masks = new Map<string, Float32Array>();

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /**
   * One optimizer step. The state is not changed; a failing step leaves no trace.
   *
   * @returns The new state, and the mini-batch's loss before the update.
   */
  async step(
    state: TrainState,
    batch: Batch,
    options: StepOptions,
  ): Promise<{ state: TrainState; loss: number }> {
    const { training, session } = await this.#compile(batch, options.trained);
    this.#options.lossFunc.check?.({ shape: training.predictionShape }, batch.targets);
    const feeds = this.#feeds(training, state, batch, options);
    const into: Record<string, Tensor> = {};
    for (const name of changedNames(training)) {
      const recycled = options.recycle?.[name];
      if (recycled) into[`next:${name}`] = recycled;
    }
    const results = await session.run(feeds, { into });
    const tensors = { ...state.tensors };
    for (const name of changedNames(training)) tensors[name] = results[`next:${name}`] as Tensor<"float32">;
    const loss = results.loss!.data[0] as number;
    return { state: { tensors, step: state.step + 1, epoch: state.epoch }, loss };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const compiled = [...this.#compiled.values()];
    this.#compiled.clear();
    for (const result of await Promise.allSettled(compiled)) {
      if (result.status === "fulfilled") await result.value.session[Symbol.asyncDispose]();
    }
  }

  #compile(batch: Batch, trained: ReadonlySet<string>): Promise<CompiledStep> {
    const types = [...batch.inputs, ...batch.targets].map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const key = `${types.join()}|${[...trained].join()}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = this.#build(batch, trained);
    this.#compiled.set(key, compiled);
    // A graph that cannot be built is tried anew next time: the model may have been mended.
    compiled.catch(() => this.#compiled.delete(key));
    return compiled;
  }

  async #build({ inputs, targets }: Batch, trained: ReadonlySet<string>): Promise<CompiledStep> {
    const { runtime = {}, ...parts } = this.#options;
    await parts.model.prepare?.(inputs);
    const training = buildTrainingGraph({
      ...parts,
      inputs,
      targets,
      trained,
      target: runtime.provider ?? "cpu",
    });
    return { training, session: await createSession(training.graph, runtime) };
  }

  #feeds(
    training: TrainingGraph,
    state: TrainState,
    batch: Batch,
    options: StepOptions,
  ): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    batch.inputs.forEach((input, i) => {
      feeds[`input:${i}`] = input;
    });
    batch.targets.forEach((target, i) => {
      feeds[`target:${i}`] = target;
    });
    for (const { name } of training.graph.inputs) {
      if (name.startsWith("slot:")) feeds[name] = state.tensors[name] ?? this.#zero(training, name);
      else if (state.tensors[name]) feeds[name] = state.tensors[name];
    }
    const scalars = this.#options.optimizer.scalars(state.step + 1, options.hyper);
    for (const name of training.scalars) feeds[`scalar:${name}`] = scalar(scalars[name]!);
    for (const group of training.groups) feeds[`lr:${group}`] = scalar(options.lrs[group]!);
    for (const { name, shape, keepProb } of training.masks) {
      let data = this.#masks.get(name);
      if (data?.length !== sizeOf(shape)) {
        data = allocate("float32", sizeOf(shape));
        this.#masks.set(name, data);
      }
      const key = { seed: options.seed, stream: name, step: state.step };
      fillDropoutMask(data, { keepProb, scale: 1 / keepProb }, key);
      feeds[name] = { dtype: "float32", shape, data };
    }
    return feeds;
  }

  #zero(training: TrainingGraph, name: string): Tensor<"float32"> {
    const { shape } = training.graph.inputs.find((input) => input.name === name)!;
    const key = shape.join();
    const zero = this.#zeros.get(key) ?? {
      dtype: "float32",
      shape,
      data: allocate("float32", sizeOf(shape)),
    };
    this.#zeros.set(key, zero);
    return zero;
  }
}

/** Names of the state's tensors that a step replaces. */
export function changedNames({ trained, slots, updatedBuffers }: TrainingGraph): string[] {
  return [
    ...trained.map((name) => `param:${name}`),
    ...slots.flatMap((slot) => trained.map((name) => `slot:${slot}:${name}`)),
    ...updatedBuffers.map((name) => `buffer:${name}`),
  ];
}

function scalar(value: number): Tensor {
  return tensor("float32", [], [value]);
}
