import { arrayOf, type Checks, instanceOf, oneOf, required } from "lrfind/core";
import type { Graph, Target, Value } from "../../onnx/index.js";
import { differentiate, GraphBuilder, OnnxError, tensor } from "../../onnx/index.js";
import {
  check,
  checkOnnxOptions,
  runPasses,
  target as targetCheck,
  value as valueCheck,
} from "../../onnx/internal.js";
import {
  lossFunc as lossCheck,
  model as modelCheck,
  optimizer as optimizerCheck,
  gradientTransform as transformCheck,
} from "../checks.js";
import type { LossFunc } from "../losses/loss.js";
import { addLoss, weightOutputs } from "../losses/weighted-loss.js";
import type { MaskSpec, Model, ParamGroup } from "../model.js";
import type { GradientTransform } from "../optimizers/gradient-transform.js";
import { transformed } from "../optimizers/gradient-transform.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import { graphContext } from "./graph-context.js";
import { GROUP, indexGroups } from "./group-index.js";
import { lossInput } from "./loss-input.js";
import { sentinelOf } from "./sentinel.js";
import { nextSlot, slotName } from "./slots.js";
import { INPUTS, TARGETS, type TensorType } from "./tensor-type.js";
import { addUpdates } from "./updates.js";

/** What a training-step graph is made of. */
export interface TrainingGraphOptions {
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly optimizer: Optimizer;
  /** Types of the mini-batch's inputs and targets: a graph is for one batch size. */
  readonly inputs: readonly TensorType[];
  readonly targets: readonly TensorType[];
  /** Groups of parameters, each with its own learning rate. */
  readonly groups: readonly ParamGroup[];
  /** Names of the parameters to train. Default: all. The backward pass stops where none is left. */
  readonly trained?: ReadonlySet<string>;
  /** Names of the parameters that weight decay applies to. Default: those whose role is "weight". */
  readonly decayed?: ReadonlySet<string>;
  /**
   * Names of the buffers that stay as they are: a batch-norm whose running statistics are among them runs in
   * evaluation form. Default: none.
   */
  readonly heldBuffers?: ReadonlySet<string>;
  /** Changes the gradients before the update. */
  readonly gradientTransform?: GradientTransform;
  /**
   * "step": one mini-batch, one update. "accumulate": adds the gradients of a mini-batch's summed loss to sums and
   * updates nothing but buffers. "applySums": a step whose gradient is that of the mean over all of them: the sums and
   * its own, divided by their common weight, of which `scalar:priorWeight` is the sums' part.
   * @default "step"
   */
  readonly mode?: "step" | "accumulate" | "applySums";
  /** @default "cpu" */
  readonly target?: Target;
}

const NAMES = instanceOf(Set, "a Set of names");
const TRAINING: Checks<TrainingGraphOptions> = {
  model: required(modelCheck),
  lossFunc: required(lossCheck),
  optimizer: required(optimizerCheck),
  inputs: required(INPUTS),
  targets: required(TARGETS),
  groups: required(arrayOf(GROUP)),
  trained: NAMES,
  decayed: NAMES,
  heldBuffers: NAMES,
  gradientTransform: transformCheck,
  mode: oneOf("step", "accumulate", "applySums"),
  target: targetCheck,
};

/** A training step as a graph, and what its inputs and outputs mean. */
export interface TrainingGraph {
  /**
   * Its inputs are the slots of a step, and outputs what they become (see `StepSlot`); further outputs are `loss`, the
   * mean over the mini-batch, with `lossSum` and `lossWeight` where `weight` is undefined; and, unless gradients are only
   * added up, the output `sentinel`: a number that is NaN or infinite if the new state is anywhere.
   */
  readonly graph: Graph;
  /** What the loss is a mean over, where that follows from the shapes; else the graph tells. */
  readonly weight: number | undefined;
  /** Trained parameters; their successors are outputs. */
  readonly trained: readonly string[];
  /** All parameters that the graph takes. */
  readonly parameters: readonly string[];
  readonly slots: readonly string[];
  readonly buffers: readonly string[];
  /** Buffers that the step changes. */
  readonly updatedBuffers: readonly string[];
  readonly masks: readonly MaskSpec[];
  /** Names of the optimizer's scalars that the graph takes. */
  readonly scalars: readonly string[];
  /** Indices of the groups whose learning rate the graph takes. */
  readonly groups: readonly number[];
  readonly mode: "step" | "accumulate" | "applySums";
  /** Shape of the model's prediction. */
  readonly predictionShape: readonly number[];
}

/**
 * Builds one training step as one graph: forward pass, loss, gradients, optimizer update.
 *
 * @throws {OnnxError} when nothing is trained, a parameter is in no group or in two, or an operator on the way has
 *   no gradient.
 *
 * Source: the reverse mode of `differentiate`.
 */
export function buildTrainingGraph(options: TrainingGraphOptions): TrainingGraph {
  checkOnnxOptions("buildTrainingGraph", options, TRAINING);
  const { model, lossFunc, optimizer, groups, mode = "step", target = "cpu" } = options;
  const trained = options.trained ?? new Set(model.parameters.map(({ name }) => name));
  const decayed =
    options.decayed ??
    new Set(model.parameters.filter(({ role }) => role === "weight").map(({ name }) => name));
  const groupOf = indexGroups(model, groups);
  const fixedRows = new Map(model.parameters.map(({ name, fixedRows: rows }) => [name, rows]));

  const g = new GraphBuilder();
  const inputs = options.inputs.map(({ dtype, shape }, i) => g.input(slotName.input(i), dtype, shape));
  const targets = options.targets.map(({ dtype, shape }, i) => g.input(slotName.target(i), dtype, shape));
  const context = graphContext(g, model, {
    training: true,
    target,
    trained,
    ...(options.heldBuffers ? { heldBuffers: options.heldBuffers } : {}),
  });
  const prediction = g.scope("forward", () => model.forward(context, inputs));
  check("model", "the forward pass's result", prediction, valueCheck);
  const { value: scores } = lossInput(g, prediction, lossFunc);
  const loss = g.scope("loss", () => addLoss(g, lossFunc, scores, targets));

  const names = model.parameters.map(({ name }) => name).filter((name) => context.parameters.has(name));
  const trainedNames = names.filter((name) => trained.has(name));
  if (trainedNames.length === 0) {
    throw new OnnxError({
      where: "buildTrainingGraph",
      expected: "at least one parameter to train",
      got: "none",
      hint: "unfreeze()",
    });
  }
  const passes = { purpose: "training", target } as const;
  runPasses(g, "forward", passes);
  const byValue = differentiate(
    g,
    mode === "step" ? loss.mean : loss.sum,
    trainedNames.map((name) => context.parameters.get(name)!),
    { target },
  );
  let gradients: ReadonlyMap<string, Value> = new Map(
    trainedNames.map((name) => {
      const gradient = byValue.get(context.parameters.get(name)!)!;
      return [name, withoutRows(g, gradient, fixedRows.get(name) ?? [])];
    }),
  );

  runPasses(g, "backward", passes);

  const outputs: Record<string, Value> = { loss: loss.mean, ...weightOutputs(loss) };
  for (const [name, value] of context.updates) outputs[nextSlot.buffer(name)] = value;
  const scalars = new Map<string, Value>();
  const scalar = (name: string) => {
    const value = scalars.get(name) ?? g.input(slotName.scalar(name), "float32", []);
    scalars.set(name, value);
    return value;
  };
  const rates = new Map<number, Value>();
  const rate = (group: number) => {
    const value = rates.get(group) ?? g.input(slotName.lr(group), "float32", []);
    rates.set(group, value);
    return value;
  };

  if (mode !== "step") {
    const share =
      mode === "applySums" ? g.div(1, g.max(g.add(scalar("priorWeight"), loss.weight), 1e-30)) : undefined;
    gradients = new Map(
      [...gradients].map(([name, gradient]) => {
        const sum = g.add(g.input(slotName.sum(name), "float32", gradient.shape), gradient);
        return [name, share ? g.mul(sum, share) : sum];
      }),
    );
  }
  if (mode === "accumulate") {
    for (const [name, sum] of gradients) outputs[nextSlot.sum(name)] = sum;
  } else {
    const { gradientTransform } = options;
    if (gradientTransform) gradients = transformed("buildTrainingGraph", gradientTransform, g, gradients);
    const parts = trainedNames.map((name) => ({
      name,
      parameter: context.parameters.get(name)!,
      gradient: gradients.get(name)!,
      decays: decayed.has(name),
      lr: () => rate(groupOf.get(name)!),
    }));
    Object.assign(outputs, addUpdates(g, optimizer, { parts, scalar }));
    const watched = [
      ...trainedNames.map(nextSlot.param),
      ...(optimizer.watchedSlots ?? optimizer.slots).flatMap((slot) =>
        trainedNames.map((name) => nextSlot.slot(slot, name)),
      ),
      ...[...context.updates.keys()].map(nextSlot.buffer),
    ];
    outputs.sentinel = g.scope("sentinel", () =>
      sentinelOf(
        g,
        watched.map((name) => outputs[name]!),
        target,
      ),
    );
  }
  runPasses(g, "step", passes);
  return {
    graph: g.build(outputs, { name: `training-${mode}` }),
    trained: trainedNames,
    parameters: names,
    slots: mode === "accumulate" ? [] : optimizer.slots,
    buffers: [...context.buffers.keys()],
    updatedBuffers: [...context.updates.keys()],
    masks: context.masks,
    scalars: [...scalars.keys()],
    groups: [...rates.keys()],
    mode,
    predictionShape: prediction.shape,
    weight: typeof loss.weight === "number" ? loss.weight : undefined,
  };
}

/** A gradient that is zero in some rows. */
function withoutRows(g: GraphBuilder, gradient: Value, rows: readonly number[]): Value {
  if (rows.length === 0) return gradient;
  const places = g.constant(tensor("int64", [rows.length, 1], rows));
  const zeros = g.zeros([rows.length, ...gradient.shape.slice(1)], gradient.dtype);
  return g.op("ScatterND", [gradient, places, zeros]);
}
