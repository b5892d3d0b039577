import { type Checks, required } from "lrfind/core";
import type { EndingKind, Graph, Target, Value } from "../../onnx/index.js";
import { GraphBuilder } from "../../onnx/index.js";
import {
  check,
  checkOnnxOptions,
  runPasses,
  target as targetCheck,
  value as valueCheck,
} from "../../onnx/internal.js";
import { lossFunc as lossCheck, model as modelCheck } from "../checks.js";
import type { LossFunc } from "../losses/loss.js";
import { addLoss, weightOutputs } from "../losses/weighted-loss.js";
import type { Model } from "../model.js";
import { graphContext } from "./graph-context.js";
import { lossInput } from "./loss-input.js";
import { slotName } from "./slots.js";
import { INPUTS, TARGETS, type TensorType } from "./tensor-type.js";

/** What an evaluation graph is made of. */
export interface EvaluationGraphOptions {
  readonly model: Model;
  /** Without one the graph gives predictions only. */
  readonly lossFunc?: LossFunc;
  readonly inputs: readonly TensorType[];
  readonly targets?: readonly TensorType[];
  /** @default "cpu" */
  readonly target?: Target;
}

/** A forward pass without training, as a graph. */
export interface EvaluationGraph {
  /**
   * Inputs `input:0`, `target:0`, `param:NAME`, `buffer:NAME`; outputs `prediction` and, with a loss, `loss`, with
   * `lossSum` and `lossWeight` where `weight` is undefined; `logits` too where the loss is given those that the prediction
   * is made of.
   */
  readonly graph: Graph;
  /** What the loss is a mean over, where that follows from the shapes; else the graph tells. */
  readonly weight: number | undefined;
  readonly parameters: readonly string[];
  readonly buffers: readonly string[];
  readonly predictionShape: readonly number[];
  /** What the model ends in, where that is in probabilities or their logarithms. */
  readonly ending: EndingKind | undefined;
}

const EVALUATION: Checks<EvaluationGraphOptions> = {
  model: required(modelCheck),
  lossFunc: lossCheck,
  inputs: required(INPUTS),
  targets: TARGETS,
  target: targetCheck,
};

/** Builds the forward pass in inference form: no dropout, running statistics in batch-norm. */
export function buildEvaluationGraph(options: EvaluationGraphOptions): EvaluationGraph {
  checkOnnxOptions("buildEvaluationGraph", options, EVALUATION);
  const { model, lossFunc, target = "cpu" } = options;
  const g = new GraphBuilder();
  const inputs = options.inputs.map(({ dtype, shape }, i) => g.input(slotName.input(i), dtype, shape));
  const context = graphContext(g, model, { training: false, target, trained: new Set() });
  const prediction = g.scope("forward", () => model.forward(context, inputs));
  check("model", "the forward pass's result", prediction, valueCheck);
  const { value: scores, ending } = lossInput(g, prediction, lossFunc);
  for (const stage of ["forward", "backward"] as const) {
    runPasses(g, stage, { purpose: "evaluation", target });
  }
  const outputs: Record<string, Value> = { prediction };
  let weight: number | undefined;
  if (lossFunc) {
    const targets = (options.targets ?? []).map(({ dtype, shape }, i) =>
      g.input(slotName.target(i), dtype, shape),
    );
    const loss = g.scope("loss", () => addLoss(g, lossFunc, scores, targets));
    Object.assign(outputs, { loss: loss.mean, ...weightOutputs(loss) });
    if (typeof loss.weight === "number") weight = loss.weight;
    if (scores !== prediction) outputs.logits = scores;
  }
  return {
    graph: g.build(outputs, { name: "evaluation" }),
    parameters: [...context.parameters.keys()],
    buffers: [...context.buffers.keys()],
    predictionShape: prediction.shape,
    weight,
    ending: ending?.kind,
  };
}
