export type { Initializer } from "./initializers.js";
export {
  constantInit,
  fanInUniform,
  kaimingNormal,
  normalInit,
  uniformInit,
  wrappedNormalInit,
  xavierUniform,
} from "./initializers.js";
export type { Layer, LayerBuffer, LayerContext, LayerParameter } from "./layer.js";
export { modelOf } from "./layer.js";
export {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  leakyRelu,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} from "./layers/activation.js";
export type { MultiheadAttentionOptions } from "./layers/attention.js";
export { multiheadAttention } from "./layers/attention.js";
export type { BatchNormOptions } from "./layers/batch-norm.js";
export { batchNorm1d, batchNorm2d } from "./layers/batch-norm.js";
export type {
  Conv1dOptions,
  Conv2dOptions,
  ConvOptions,
  ConvTranspose2dOptions,
  Size2d,
} from "./layers/conv.js";
export { conv1d, conv2d, convTranspose2d } from "./layers/conv.js";
export type { EmbeddingOptions } from "./layers/embedding.js";
export { embedding } from "./layers/embedding.js";
export type { LinBnDropOptions } from "./layers/lin-bn-drop.js";
export { linBnDrop } from "./layers/lin-bn-drop.js";
export type { LinearOptions } from "./layers/linear.js";
export { linear } from "./layers/linear.js";
export type { InstanceNormOptions, NormOptions } from "./layers/norm.js";
export { groupNorm, instanceNorm2d, layerNorm } from "./layers/norm.js";
export type { PackPaddedOptions } from "./layers/pack-padded.js";
export { packPadded } from "./layers/pack-padded.js";
export type { AvgPool2dOptions, Pool2dOptions } from "./layers/pool.js";
export {
  adaptiveAvgPool2d,
  adaptiveConcatPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  globalAvgPool,
  maxPool2d,
} from "./layers/pool.js";
export type { RecurrentOptions } from "./layers/recurrent.js";
export { gru, lstm } from "./layers/recurrent.js";
export type { ResidualBlockOptions } from "./layers/residual.js";
export { basicBlock, bottleneck } from "./layers/residual.js";
export { dropout, flatten, identity, sequential } from "./layers/sequential.js";
export { sigmoidRange } from "./layers/sigmoid-range.js";
export type { TransformerEncoderLayerOptions } from "./layers/transformer.js";
export { transformerEncoder, transformerEncoderLayer } from "./layers/transformer.js";
export type { BceWithLogitsOptions } from "./losses/bce-with-logits.js";
export { bceWithLogits } from "./losses/bce-with-logits.js";
export type { CrossEntropyOptions } from "./losses/cross-entropy.js";
export { crossEntropy } from "./losses/cross-entropy.js";
export type { BuildLoss, LabelOptions, LossFunc, LossParts, OutputActivation } from "./losses/loss.js";
export { TargetError } from "./losses/loss.js";
export { mixedLoss } from "./losses/mixed-loss.js";
export { huber, l1, mse, smoothL1 } from "./losses/regression.js";
export { weightedLoss } from "./losses/weighted-loss.js";
export { accuracy, errorRate, topKAccuracy } from "./metrics/accuracy.js";
export { predictedClasses } from "./metrics/classes.js";
export type { F1Options } from "./metrics/f1-score.js";
export { f1Score } from "./metrics/f1-score.js";
export type { LossNumbers, Metric, MetricTally } from "./metrics/metric.js";
export type { AccuracyMultiOptions, F1MultiOptions } from "./metrics/multi-label.js";
export { accuracyMulti, f1ScoreMulti } from "./metrics/multi-label.js";
export { perplexity } from "./metrics/perplexity.js";
export { mae, r2Score, rmse } from "./metrics/regression.js";
export { rocAuc } from "./metrics/roc-auc.js";
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
export type { ResnetOptions } from "./models/resnet.js";
export { resnet, resnet18, resnet34 } from "./models/resnet.js";
export type { SmallCnnOptions } from "./models/small-cnn.js";
export { smallCnn } from "./models/small-cnn.js";
export type { XresnetOptions } from "./models/xresnet.js";
export { xresnet18, xresnet34 } from "./models/xresnet.js";
export type { AdamOptions } from "./optimizers/adam.js";
export { adam, adamW } from "./optimizers/adam.js";
export type { EmaOptions, SwaOptions } from "./optimizers/average-weights.js";
export { ema, swa } from "./optimizers/average-weights.js";
export { centralizeGradients } from "./optimizers/centralize-gradients.js";
export type { ChainPart } from "./optimizers/chain.js";
export { chain } from "./optimizers/chain.js";
export { clipGradNorm, clipGradValue } from "./optimizers/clip-gradients.js";
export type { GradientTransform } from "./optimizers/gradient-transform.js";
export type { LambOptions } from "./optimizers/lamb.js";
export { lamb } from "./optimizers/lamb.js";
export type { LookaheadOptions } from "./optimizers/lookahead.js";
export { lookahead } from "./optimizers/lookahead.js";
export type { Hyper, Optimizer, PreparedGradient, Update, UpdateContext } from "./optimizers/optimizer.js";
export type { RmsPropOptions } from "./optimizers/rms-prop.js";
export { rmsProp } from "./optimizers/rms-prop.js";
export type { SgdOptions } from "./optimizers/sgd.js";
export { sgd } from "./optimizers/sgd.js";
export type { AfterContext, AfterUpdate, StepTransform } from "./optimizers/step-transform.js";
export type { EvaluationGraph, EvaluationGraphOptions } from "./step/evaluation-graph.js";
export { buildEvaluationGraph } from "./step/evaluation-graph.js";
export type { TensorType } from "./step/tensor-type.js";
export type { TrainingGraph, TrainingGraphOptions } from "./step/training-graph.js";
export { buildTrainingGraph } from "./step/training-graph.js";
