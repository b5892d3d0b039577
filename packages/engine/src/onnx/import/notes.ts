import type { FileNode } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";
import { namedEnding } from "./ending.js";

/** Something about an imported model that its user should know. */
export interface ImportNote {
  readonly kind:
    | "foldedBatchNorm"
    | "severalOutputs"
    | "noParameters"
    | "notDifferentiable"
    | "endsInProbabilities"
    | "buffers"
    | "paddingRow";
  /** In plain words, with what to do about it. */
  readonly message: string;
  /** Names of the nodes or values concerned. */
  readonly names: readonly string[];
}

/**
 * Recognises an inference export in which batch-norm was folded into the convolutions: these then have weights and
 * biases without a name ("onnx::Conv_193"), for they are new tensors.
 */
export function foldedBatchNorm(nodes: readonly FileNode[]): ImportNote | undefined {
  if (nodes.some((node) => node.opType === "BatchNormalization")) return undefined;
  const isAnonymous = (name: string | undefined) => /^(onnx::Conv_)?\d+$/.test(name ?? "");
  const folded = nodes.filter(
    (node) => node.opType === "Conv" && isAnonymous(node.inputs[1]) && isAnonymous(node.inputs[2]),
  );
  if (folded.length === 0) return undefined;
  return {
    kind: "foldedBatchNorm",
    message: `batch-norm seems to be folded into ${folded.length} convolution(s), as in an export for inference: it trains without normalisation, which may need a much smaller learning rate; try torch.onnx.export(..., training=TrainingMode.TRAINING, do_constant_folding=False)`,
    names: folded.map((node) => node.name),
  };
}

/** Recognises a model that gives out probabilities, or their logarithms. */
export function endsInProbabilities(
  nodes: readonly FileNode[],
  output: string,
  constant: (name: string) => Tensor | undefined,
): ImportNote | undefined {
  const ending = namedEnding(nodes, output, constant);
  if (!ending) return undefined;
  const loss = ending.kind === "sigmoid" ? "bceWithLogits" : "crossEntropy";
  return {
    kind: "endsInProbabilities",
    message: `the model ends in a ${ending.kind} (node "${ending.node}"): ${loss}, which takes logits, is given what comes before it ("${ending.logits}"); predict and export keep it, and so do losses on probabilities, such as mse`,
    names: [ending.node],
  };
}
