import {
  conv2d,
  crossEntropy,
  flatten,
  linear,
  maxPool2d,
  relu,
  sequential,
  sgd,
} from "../../packages/engine/src/nn/index.js";
import type { SessionOptions } from "../../packages/engine/src/runtime/index.js";
import { imageDataLoadersFromIdx } from "../../packages/learner/src/data/index.js";
import { Learner } from "../../packages/learner/src/learner/index.js";
import type { LrFindOptions, LrFindResult } from "../../packages/lrfind/src/finder/index.js";

/** Images, labels, and how to train on them: what the test hands to Node and to the page alike. */
export interface Training {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly steps: number;
  readonly runtime?: SessionOptions;
}

async function learnerOf({ images, labels, runtime = {} }: Omit<Training, "steps">): Promise<Learner> {
  const dls = await imageDataLoadersFromIdx({ images, labels, normalize: "train" });
  const model = sequential(
    ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
    ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
    ...[flatten(), linear(32 * 7 * 7, 10)],
  );
  return new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd(), runtime });
}

/** A search for a rate, for as many steps as are asked for. */
export async function search({
  numIt,
  onPoint,
  signal,
  ...training
}: Omit<Training, "steps"> & Pick<LrFindOptions, "numIt" | "onPoint" | "signal">): Promise<LrFindResult> {
  await using learn = await learnerOf({ ...training, runtime: { threads: 1 } });
  return await learn.lrFind({ stopDiv: false, numIt, onPoint, signal } as LrFindOptions);
}

/** The losses of the first steps of the small CNN on Fashion-MNIST. */
export async function train({ steps, ...training }: Training): Promise<number[]> {
  await using learn = await learnerOf(training);
  await using trial = await learn.startTrial({ seed: 1 });
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(await trial.step(0.02));
  return losses;
}
