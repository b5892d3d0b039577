export type { Initializer } from "./initializers.js";
export { constantInit, fanInUniform, uniformInit } from "./initializers.js";
export type { Layer, LayerBuffer, LayerContext, LayerParameter } from "./layer.js";
export { modelOf } from "./layer.js";
export { relu } from "./layers/activation.js";
export type { Conv2dOptions, Size2d } from "./layers/conv.js";
export { conv2d } from "./layers/conv.js";
export { linear } from "./layers/linear.js";
export type { Pool2dOptions } from "./layers/pool.js";
export { maxPool2d } from "./layers/pool.js";
export { flatten, sequential } from "./layers/sequential.js";
export { crossEntropy } from "./losses/cross-entropy.js";
export type { LossFunc } from "./losses/loss.js";
export { TargetError } from "./losses/loss.js";
export type {
  BufferSpec,
  ForwardContext,
  InputSpec,
  MaskSpec,
  Model,
  NamedTensors,
  ParameterRole,
  ParameterSpec,
  ParamGroup,
} from "./model.js";
export { initialTensors } from "./model.js";
export type { Hyper, Optimizer, Update, UpdateContext } from "./optimizers/optimizer.js";
export type { SgdOptions } from "./optimizers/sgd.js";
export { sgd } from "./optimizers/sgd.js";
export type {
  EvaluationGraph,
  EvaluationGraphOptions,
  GradientTransform,
  TensorType,
  TrainingGraph,
  TrainingGraphOptions,
} from "./training-graph.js";
export { buildEvaluationGraph, buildTrainingGraph } from "./training-graph.js";
