import { expect, test } from "vitest";
import { gradientRules, nonDifferentiable } from "../../../../src/onnx/index.js";

test("no operator both has a gradient rule and ends gradients", () => {
  expect(nonDifferentiable.filter((op) => Object.hasOwn(gradientRules, op))).toEqual([]);
});

/** What models are made of, as PyTorch exports them and as the layers of this library build them. */
const promised = `
  Add Sub Mul Div Pow Neg Abs Sqrt Reciprocal Exp Log Erf Sin Cos Tanh Sigmoid HardSigmoid HardSwish Relu LeakyRelu
  PRelu Elu Selu Softplus Softsign Gelu Mish Clip Min Max Where MatMul Gemm Einsum Conv ConvTranspose MaxPool
  AveragePool GlobalAveragePool GlobalMaxPool BatchNormalization InstanceNormalization GroupNormalization
  LayerNormalization LpNormalization Softmax LogSoftmax ReduceSum ReduceMean ReduceMax ReduceMin ReduceL1 ReduceL2
  ReduceLogSumExp Flatten Reshape Transpose Squeeze Unsqueeze Concat Split Slice Pad Expand Tile Gather
  GatherElements GatherND ScatterElements DepthToSpace SpaceToDepth Resize CumSum Dropout Identity Cast LSTM GRU RNN
`;

test.each(promised.trim().split(/\s+/))("%s can be differentiated", (op) => {
  expect(Object.keys(gradientRules)).toContain(op);
});
