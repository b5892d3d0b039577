import {
  batchNorm2d,
  conv2d,
  crossEntropy,
  flatten,
  globalAvgPool,
  linear,
  maxPool2d,
  relu,
  sequential,
} from "@lrfind/engine/nn";
import { checkArgument, integer } from "lrfind/core";
import {
  type DataLoaders,
  flip,
  imageDataLoadersFromFolder,
  type SplitOptions,
  stratifiedSplit,
  type Table,
  tabularDataLoaders,
  textDataLoaders,
} from "../data/index.js";
import { accuracy, Learner, tabularLearner, textLearner } from "../learner/index.js";
import { CLASS_LOADERS } from "./checks.js";
import type { TrainPlan } from "./plan/train-plan.js";

/** What stands in the run's code too: the learner must be the same there. */
export interface MakeOptions {
  readonly layers: readonly number[];
  readonly yRange: readonly [number, number] | undefined;
  readonly seed: number;
}

/** A learner of the plan's model, or of the linear one that it is compared with. */
export interface Made {
  readonly learner: Learner;
  readonly dls: DataLoaders;
}

/** Loaders of a plan's data. */
export async function loadersOf(plan: TrainPlan, table: Table | undefined) {
  const { seed, batchSize } = plan;
  if (plan.kind === "images") {
    const { data: path, imageSize: size } = plan;
    const dls = await imageDataLoadersFromFolder({
      path,
      size,
      seed,
      batchSize,
      augment: [flip()],
      normalize: "train",
      skipCorrupt: true,
      ...(plan.hasParts ? {} : splitOf(plan)),
    });
    return { kind: "images" as const, dls };
  }
  const split = splitOf(plan);
  if (plan.kind === "text") {
    const { textCol, target: labelCol } = plan;
    const dls = await textDataLoaders({
      source: table!,
      textCol: textCol!,
      labelCol,
      minFreq: 2,
      batchSize,
      seed,
      ...split,
    });
    return { kind: "text" as const, dls };
  }
  const { catNames, contNames, target: yNames } = plan;
  const yBlock = plan.task === "classification" ? ("category" as const) : ("regression" as const);
  const dls = await tabularDataLoaders({
    source: table!,
    catNames,
    contNames,
    yNames,
    yBlock,
    batchSize,
    seed,
    missingTarget: "drop",
    ...split,
  });
  return { kind: "table" as const, dls };
}

/** Each class has its share in both parts; numbers are held out at random. */
function splitOf({ task, validPct }: TrainPlan): Pick<SplitOptions, "splitter" | "validPct"> {
  if (task === "regression") return { validPct };
  return { splitter: (_, { seed, labels }) => stratifiedSplit(labels!, { validPct, seed }) };
}

/** The interval of a regression's outputs: that of the targets, and a tenth of it on either side. */
export function yRangeOf(plan: TrainPlan, table: Table | undefined): readonly [number, number] | undefined {
  if (plan.kind !== "table" || plan.task !== "regression") return undefined;
  const targets = table!.values.get(plan.target)!.map(Number);
  const [low, high] = [targets.reduce((a, b) => Math.min(a, b)), targets.reduce((a, b) => Math.max(a, b))];
  return [low - (high - low) / 10, high + (high - low) / 10];
}

/** The plan's learner. */
export function learnerOf(
  loaders: Awaited<ReturnType<typeof loadersOf>>,
  { layers, yRange, seed }: MakeOptions,
): Made {
  const { dls, kind } = loaders;
  if (kind === "images") return { dls, learner: imageLearner(dls, seed) };
  if (kind === "text") return { dls, learner: textLearner(loaders.dls, { arch: "bag", embSize: 32, seed }) };
  const made = tabularLearner(loaders.dls, { layers, ps: 0.1, seed, ...(yRange && { yRange }) });
  return { dls, learner: made };
}

/** The linear model that a person would try first; none for texts, as a bag of words is one. */
export function linearLearnerOf(
  loaders: Awaited<ReturnType<typeof loadersOf>>,
  { yRange, seed }: Omit<MakeOptions, "layers">,
): Learner | undefined {
  const { dls, kind } = loaders;
  if (kind === "table")
    return tabularLearner(loaders.dls, { layers: [], bnCont: false, seed, ...(yRange && { yRange }) });
  if (kind === "text") return undefined;
  const pixels = dls.train.dataset.inputs[0]!.shape.reduce((a, b) => a * b, 1);
  const model = sequential(flatten(), linear(pixels, dls.vocab!.length));
  return new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy], seed });
}

/** The model for images: three blocks of convolution, batch-norm and pooling, and a linear output. */
export function imageLearner(dls: DataLoaders, seed: number): Learner {
  checkArgument("imageLearner", "dls", dls, CLASS_LOADERS);
  checkArgument("imageLearner", "seed", seed, integer({ min: 0 }));
  const block = (from: number, to: number) => [
    conv2d(from, to, { padding: 1 }),
    batchNorm2d(to),
    relu(),
    maxPool2d(2),
  ];
  const model = sequential(
    ...block(3, 32),
    ...block(32, 64),
    ...block(64, 128),
    globalAvgPool(),
    flatten(),
    linear(128, dls.vocab!.length),
  );
  return new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy], seed });
}
