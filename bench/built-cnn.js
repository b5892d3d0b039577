import {
  conv2d,
  crossEntropy,
  flatten,
  Learner,
  linear,
  maxPool2d,
  relu,
  sequential,
  sgd,
} from "@lrfind/learner";

/**
 * The CNN of `npm start` from the built package: for programs that run as a user's would, without a TypeScript loader.
 *
 * @param {import("@lrfind/learner").DataLoaders} dls
 */
export function cnnLearner(dls) {
  const model = sequential(
    ...[conv2d(1, 16, { padding: 1 }), relu(), maxPool2d(2)],
    ...[conv2d(16, 32, { padding: 1 }), relu(), maxPool2d(2)],
    ...[flatten(), linear(32 * 7 * 7, 10)],
  );
  return new Learner({ dls, model, lossFunc: crossEntropy(), optFunc: sgd() });
}
