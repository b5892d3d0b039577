import type { Ending, GraphBuilder, Value } from "../../onnx/index.js";
import { findEnding, OnnxError } from "../../onnx/index.js";
import type { LossFunc, OutputActivation } from "../losses/loss.js";

/** What a loss is given of a model, and what the model has done to it already. */
export interface LossInput {
  /** Logits, where the loss takes logits; else the prediction. */
  readonly value: Value;
  /** How the model ends, where that is in probabilities. */
  readonly ending: Ending | undefined;
}

/**
 * What a loss is to be given: for one that takes logits, of a model that ends in the probabilities of these, the logits.
 * So no loss applies softmax or a sigmoid a second time; a loss on probabilities gets them.
 *
 * @throws {OnnxError} when the loss takes logits and the model ends in other probabilities than the loss would make.
 */
export function lossInput(g: GraphBuilder, prediction: Value, lossFunc: LossFunc | undefined): LossInput {
  const ending = findEnding(g, prediction);
  const activation = lossFunc?.activation;
  if (!ending || !activation) return { value: prediction, ending };
  if (!isEndingOf(activation, ending, prediction.shape.length)) {
    const axis = activation.kind === "softmax" ? activation.axis : undefined;
    const over = ending.axis === undefined ? "" : ` over dimension ${ending.axis}`;
    const isLast = ending.axis === prediction.shape.length - 1;
    const wanted =
      ending.kind === "sigmoid"
        ? "bceWithLogits()"
        : `crossEntropy(${axis !== -1 && isLast && ending.axis !== 1 ? "{ axis: -1 }" : ""})`;
    throw new OnnxError(
      {
        where: lossFunc.name,
        expected: `logits${axis === undefined ? "" : ` with the classes in dimension ${axis}`}`,
        got: `the output of a ${ending.kind}${over} (node "${ending.node}")`,
        hint: `${wanted}, or the model without that node`,
      },
      { node: ending.node, shapes: [prediction.shape] },
    );
  }
  return { value: g.scope("logits", () => ending.logits()), ending };
}

function isEndingOf(activation: OutputActivation, ending: Ending, rank: number): boolean {
  if (activation.kind === "sigmoid") return ending.kind === "sigmoid";
  const axis = activation.axis < 0 ? activation.axis + rank : activation.axis;
  return ending.kind !== "sigmoid" && ending.axis === axis;
}
