import {
  adam,
  dataLoaders,
  Learner,
  linear,
  mse,
  relu,
  sequential,
  sgd,
  tensorDataset,
} from "@lrfind/learner";

const N = 240;
const x = Float32Array.from({ length: 4 * N }, (_, i) => Math.sin(1 + 7 * i));
const y = Float32Array.from({ length: N }, (_, i) => x[4 * i]! * x[4 * i + 1]! - x[4 * i + 2]!);

/** A net that learns a product of two numbers less a third. */
export default function make(config: {
  readonly batchSize: number;
  readonly wd: number;
  readonly optFunc: "adam" | "sgd";
  readonly seed: number;
}): Learner {
  const { batchSize, wd, optFunc, seed } = config;
  const dataset = tensorDataset({
    inputs: [{ dtype: "float32", shape: [N, 4], data: x }],
    targets: [{ dtype: "float32", shape: [N, 1], data: y }],
  });
  return new Learner({
    dls: dataLoaders(dataset, { batchSize, seed: 1 }),
    model: sequential(linear(4, 16), relu(), linear(16, 1)),
    lossFunc: mse(),
    optFunc: optFunc === "adam" ? adam() : sgd(),
    wd,
    seed,
  });
}
