import { constantInit, linear, modelOf, mse, sequential } from "../../../../../engine/src/nn/index.js";
import { tensor } from "../../../../../engine/src/onnx/index.js";
import { dataLoaders, tensorDataset } from "../../../../src/data/index.js";
import { initialState } from "../../../../src/learner/state.js";

const WIDTH = 64;
const layers = 6;
const x = tensor("float32", [4, WIDTH], new Float32Array(4 * WIDTH));
const dls = dataLoaders(tensorDataset({ inputs: [x], targets: [x] }), { batchSize: 2 });

/** Versions of a model of six layers, whose weights are all 1 or all 2. */
export const versions = [1, 2].map((fill) => {
  const each = Array.from({ length: layers }, () =>
    linear(WIDTH, WIDTH, { weightInit: constantInit(fill), biasInit: constantInit(fill) }),
  );
  const model = modelOf(sequential(...each));
  return { model, state: initialState(model, 0), dls, lossFunc: mse() };
});
