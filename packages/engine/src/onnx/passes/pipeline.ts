import type { GraphBuilder } from "../graph/builder.js";
import type { Target } from "../graph/target.js";
import { foldBatch } from "./fold-batch/fold-batch.js";
import { lowerFolded } from "./fold-batch/lower.js";
import { lowerConvolutions } from "./lower-convolutions.js";
import { lowerScalarOperands } from "./lower-scalar-operands.js";
import { poolBeforeRelu } from "./pool-before-relu.js";

/**
 * When a pass runs, in this order: as each node is `written`; when the `forward` pass is there; when its gradients are
 * there (`backward`); when the whole `step` is; when the graph is `built`.
 */
export type Stage = "written" | "forward" | "backward" | "step" | "built";

/** What a graph is for. */
export type Purpose = "training" | "evaluation";

/** A rewriting of a graph. */
export interface Pass {
  readonly name: string;
  readonly stage: Stage;
  readonly purposes: readonly Purpose[];
  /** The providers whose graphs it is for. */
  readonly targets: readonly Target[];
  /** Absent where the `GraphBuilder` itself does it, to every graph of anybody's. */
  readonly run?: (g: GraphBuilder) => void;
  readonly why: string;
}

const both: readonly Purpose[] = ["training", "evaluation"];
const all: readonly Target[] = ["cpu", "wasm", "webgpu"];

/** Every rewriting of a graph, in the order in which they run. The files say more: measured times, and what was tried. */
export const PASSES: readonly Pass[] = [
  {
    name: "rewrites",
    stage: "written",
    purposes: both,
    targets: all,
    why: "ONNX Runtime computes some forms of pools and norms wrongly: each is written in one that it computes rightly, before anything is derived from it",
  },
  {
    name: "pool-before-relu",
    stage: "forward",
    purposes: ["training"],
    targets: all,
    run: poolBeforeRelu,
    why: "a ReLU behind a max pool, and its gradient, work on a fraction of the elements; before fold-batch, which has both in its regions",
  },
  {
    name: "fold-batch",
    stage: "forward",
    purposes: both,
    targets: ["cpu"],
    run: (g) => foldBatch(g),
    why: "one matrix product over the whole batch, where ONNX Runtime makes one per image; before the gradients, which it gives the layout too",
  },
  {
    name: "lower-folded",
    stage: "backward",
    purposes: both,
    targets: all,
    run: lowerFolded,
    why: "operators on folded images are lrfind's own; the gradients that know them are there, ONNX Runtime wants ONNX's",
  },
  {
    name: "lower-convolutions",
    stage: "backward",
    purposes: ["training"],
    targets: ["cpu", "wasm"],
    run: lowerConvolutions,
    why: "ONNX Runtime reads all weights of a convolution once per image; after the gradients, whose rules know convolutions, not their products",
  },
  {
    name: "lower-scalar-operands",
    stage: "step",
    purposes: ["training"],
    targets: all,
    run: lowerScalarOperands,
    why: "ONNX Runtime broadcasts a number over [512, 256, 1, 1] element by element; after the optimizer, which does that most",
  },
  {
    name: "own-inputs",
    stage: "built",
    purposes: both,
    targets: all,
    why: "ONNX Runtime's BatchNormalization in training form writes over two of its inputs: nobody else may read them, whatever the passes before shared",
  },
];

/** Runs the passes of one stage over a graph, in their order. */
export function runPasses(
  g: GraphBuilder,
  stage: Stage,
  { purpose, target }: { readonly purpose: Purpose; readonly target: Target },
): void {
  for (const pass of PASSES) {
    if (pass.stage !== stage || !pass.purposes.includes(purpose) || !pass.targets.includes(target)) continue;
    pass.run?.(g);
  }
}
