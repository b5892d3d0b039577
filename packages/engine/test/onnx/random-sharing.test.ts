import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attributes, DifferentiableOp, GraphBuilder, Value } from "../../src/onnx/index.js";
import { gradientRules, tensor } from "../../src/onnx/index.js";
import { rewrites } from "../../src/onnx/passes/rewrites/index.js";
import type { GraphFunction } from "./numeric.js";
import { finiteDifferences, runWithGradients, values } from "./numeric.js";

/** Applies an operator to `a`, with weights made of `w`, which other nodes of the graph share. */
type Build = (g: GraphBuilder, a: Value, w: Value) => Value;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** The elements of a value, in turn and again from the first on, in another shape. */
function shaped(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const size = sizeOf(x.shape);
  const wanted = sizeOf(shape);
  const flat = g.reshape(x, [size]);
  if (size === wanted) return g.reshape(flat, shape);
  const indices = Array.from({ length: wanted }, (_, i) => i % size);
  return g.reshape(g.op("Gather", [flat, g.ints(indices)]), shape);
}

/** Values in (-1, 1), in (0.5, 1.5) and in (1.2, 2.2), where functions are smooth. */
const small = (g: GraphBuilder, x: Value) => g.mul(g.tanh(x), 0.9);
const positive = (g: GraphBuilder, x: Value) => g.add(g.mul(g.tanh(x), 0.4), 1);
const large = (g: GraphBuilder, x: Value) => g.add(positive(g, x), 0.7);

/** Values that lie at least 0.2 apart, and 0.1 from 0 and other whole numbers: far from kinks and ties. */
function apart(g: GraphBuilder, x: Value): Value {
  const size = sizeOf(x.shape);
  const steps = Array.from({ length: size }, (_, i) => ((i * 7 + 3) % size) - Math.floor(size / 2) + 0.5);
  const places = size % 7 === 0 ? steps.map((_, i) => i - Math.floor(size / 2) + 0.5) : steps;
  return g.add(g.mul(g.tanh(x), 0.4), g.constant(tensor("float32", x.shape, places)));
}

const unary =
  (
    op: string,
    prepare: (g: GraphBuilder, x: Value) => Value = (_, x) => x,
    attributes: Attributes = {},
  ): Build =>
  (g, a) =>
    g.op(op, [prepare(g, a)], attributes);

const binary =
  (op: string): Build =>
  (g, a, w) =>
    g.op(op, [a, shaped(g, w, a.shape.slice(-1))]);

const reduction =
  (op: string, prepare: (g: GraphBuilder, x: Value) => Value = (_, x) => x): Build =>
  (g, a) =>
    g.op(op, [prepare(g, shaped(g, a, [2, 3])), g.ints([1])], { keepdims: 0 });

const image = (g: GraphBuilder, a: Value) => shaped(g, a, [2, 2, 4, 4]);
const pool =
  (op: string, attributes: Attributes = {}): Build =>
  (g, a) =>
    g.op(op, [apart(g, image(g, a))], attributes);

const recurrent =
  (op: string, gates: number): Build =>
  (g, a, w) => {
    const weights = [
      shaped(g, w, [1, gates * 2, 3]),
      shaped(g, w, [1, gates * 2, 2]),
      shaped(g, w, [1, gates * 4]),
    ];
    return g.node(op, [shaped(g, a, [2, 2, 3]), ...weights], { hidden_size: 2 }, { outputs: 2 })[0]!;
  };

const channels = (g: GraphBuilder, w: Value) => [shaped(g, w, [2]), shaped(g, g.neg(w), [2])];
const constants = (g: GraphBuilder, value: number, size: number) =>
  g.constant(tensor("float32", [size], new Array<number>(size).fill(value)));

/** A gradient is taken through each of these. No rule is left out: the table does not compile without it. */
const operators = {
  Abs: unary("Abs", apart),
  Acos: unary("Acos", small),
  Acosh: unary("Acosh", large),
  Add: binary("Add"),
  Asin: unary("Asin", small),
  Asinh: unary("Asinh"),
  Atan: unary("Atan"),
  Atanh: unary("Atanh", small),
  AveragePool: pool("AveragePool", { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 0] }),
  // In training, by statistics that are one constant, and with a scale and bias that others share.
  BatchNormalization: (g, a, w) => {
    const x = shaped(g, g.mul(g.tanh(a), constants(g, 2, 1)), [3, 2, 2, 1]);
    const [scale, bias] = channels(g, w);
    const shared = constants(g, 1, 2);
    const attributes = { epsilon: 0.1, training_mode: 1, momentum: 0 };
    const three = { outputs: 3 };
    const [trained] = g.node("BatchNormalization", [x, scale!, bias!, shared, shared], attributes, three);
    const [plain] = g.node(
      "BatchNormalization",
      [trained!, shared, shared, shared, shared],
      attributes,
      three,
    );
    return g.op("BatchNormalization", [plain!, scale!, bias!, shared, shared], { epsilon: 0.1 });
  },
  Cast: (g, a) => g.cast(g.mul(g.cast(a, "float64"), 0.5), "float32"),
  Celu: unary("Celu"),
  Clip: (g, a) => g.op("Clip", [apart(g, a), g.scalar(-1), g.scalar(1)]),
  Concat: (g, a, w) => g.concat([shaped(g, a, [2, 3]), shaped(g, w, [1, 3]), shaped(g, w, [1, 3])], 0),
  Conv: (g, a, w) =>
    g.op("Conv", [image(g, a), shaped(g, w, [2, 2, 3, 3]), shaped(g, w, [2])], { pads: [1, 1, 1, 1] }),
  ConvTranspose: (g, a, w) =>
    g.op("ConvTranspose", [image(g, a), shaped(g, w, [2, 2, 2, 2]), shaped(g, w, [2])], { strides: [2, 2] }),
  Cos: unary("Cos"),
  Cosh: unary("Cosh", small),
  CumSum: (g, a) => g.op("CumSum", [shaped(g, a, [2, 3]), g.constant(tensor("int64", [], [1]))]),
  DepthToSpace: unary("DepthToSpace", (g, a) => shaped(g, a, [1, 4, 2, 2]), { blocksize: 2 }),
  Div: (g, a, w) => g.div(a, positive(g, shaped(g, w, a.shape.slice(-1)))),
  Dropout: unary("Dropout"),
  Einsum: (g, a, w) => {
    const [x, y] = [shaped(g, a, [2, 3]), shaped(g, w, [3, 2])];
    return g.op("Einsum", [x, y], { equation: "ij,jk->ik" });
  },
  Elu: unary("Elu", apart),
  Erf: unary("Erf"),
  Exp: unary("Exp", small),
  Expand: (g, a) => g.expand(shaped(g, a, [1, 3]), [2, 3]),
  Flatten: unary("Flatten", (g, a) => shaped(g, a, [2, 3, 1])),
  Gather: (g, a) => g.op("Gather", [shaped(g, a, [3, 2]), g.ints([0, 2, 2, -1])], { axis: 0 }),
  GatherElements: (g, a) =>
    g.op("GatherElements", [shaped(g, a, [2, 2]), g.constant(tensor("int64", [2, 2], [0, 0, 1, -2]))], {
      axis: 1,
    }),
  GatherND: (g, a) =>
    g.op("GatherND", [shaped(g, a, [2, 3]), g.constant(tensor("int64", [3, 2], [0, 1, 1, 2, 0, 1]))]),
  Gelu: unary("Gelu"),
  Gemm: (g, a, w) =>
    g.op("Gemm", [shaped(g, a, [2, 3]), shaped(g, w, [2, 3]), shaped(g, w, [2])], {
      transB: 1,
      alpha: 0.5,
      beta: 2,
    }),
  GlobalAveragePool: pool("GlobalAveragePool"),
  GlobalMaxPool: pool("GlobalMaxPool"),
  GroupNormalization: (g, a, w) =>
    g.op("GroupNormalization", [shaped(g, a, [2, 2, 3]), ...channels(g, w)], { num_groups: 1, epsilon: 0.1 }),
  GRU: recurrent("GRU", 3),
  HardSigmoid: unary("HardSigmoid", (g, a) => g.mul(apart(g, a), 2), { alpha: 0.25 }),
  HardSwish: unary("HardSwish", (g, a) => g.mul(apart(g, a), 1)),
  Identity: unary("Identity"),
  InstanceNormalization: (g, a, w) =>
    g.op("InstanceNormalization", [shaped(g, a, [2, 2, 3]), ...channels(g, w)], { epsilon: 0.1 }),
  LayerNormalization: (g, a, w) =>
    g.op("LayerNormalization", [shaped(g, a, [2, 3]), shaped(g, w, [3]), shaped(g, w, [3])], {
      axis: -1,
      epsilon: 0.1,
    }),
  LeakyRelu: unary("LeakyRelu", apart, { alpha: 0.3 }),
  Log: unary("Log", positive),
  LogSoftmax: unary("LogSoftmax", (_, a) => a, { axis: -1 }),
  LpNormalization: unary("LpNormalization", (g, a) => positive(g, shaped(g, a, [2, 3])), { axis: 1, p: 2 }),
  LSTM: recurrent("LSTM", 4),
  MatMul: (g, a, w) => g.matmul(shaped(g, a, [2, 3]), g.transpose(shaped(g, w, [2, 3]), [1, 0])),
  Max: (g, a, w) => g.op("Max", [apart(g, a), g.mul(small(g, shaped(g, w, a.shape)), 0.05)]),
  MaxPool: pool("MaxPool", { kernel_shape: [2, 2], strides: [1, 2] }),
  Mean: (g, a, w) => g.op("Mean", [a, shaped(g, w, a.shape), a]),
  Min: (g, a, w) => g.op("Min", [apart(g, a), g.mul(small(g, shaped(g, w, a.shape)), 0.05)]),
  Mish: unary("Mish"),
  Mod: (g, a, w) =>
    g.op("Mod", [apart(g, a), g.add(g.mul(small(g, shaped(g, w, [1])), 0.01), 100)], { fmod: 1 }),
  Mul: binary("Mul"),
  Neg: unary("Neg"),
  Pad: (g, a) => g.op("Pad", [shaped(g, a, [2, 3]), g.ints([0, 1, 1, 0])], { mode: "constant" }),
  Pow: (g, a, w) => g.pow(positive(g, a), shaped(g, w, a.shape.slice(-1))),
  PRelu: (g, a, w) => g.op("PRelu", [apart(g, a), shaped(g, w, a.shape.slice(-1))]),
  Reciprocal: unary("Reciprocal", positive),
  ReduceL1: reduction("ReduceL1", apart),
  ReduceL2: reduction("ReduceL2", positive),
  ReduceLogSum: reduction("ReduceLogSum", positive),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  ReduceMax: reduction("ReduceMax", apart),
  ReduceMean: reduction("ReduceMean"),
  ReduceMin: reduction("ReduceMin", apart),
  ReduceProd: reduction("ReduceProd", positive),
  ReduceSum: reduction("ReduceSum"),
  ReduceSumSquare: reduction("ReduceSumSquare"),
  Relu: unary("Relu", apart),
  Reshape: (g, a) => g.reshape(shaped(g, a, [2, 3]), [3, 2]),
  Resize: (g, a) =>
    g.op("Resize", [shaped(g, a, [1, 1, 2, 2]), null, g.constant(tensor("float32", [4], [1, 1, 2, 2]))], {
      mode: "linear",
    }),
  RNN: recurrent("RNN", 1),
  ScatterElements: (g, a, w) => {
    const indices = g.constant(tensor("int64", [1, 2], [2, 0]));
    return g.op("ScatterElements", [shaped(g, a, [2, 3]), indices, shaped(g, w, [1, 2])], { axis: 1 });
  },
  ScatterND: (g, a, w) =>
    g.op("ScatterND", [
      shaped(g, a, [3, 2]),
      g.constant(tensor("int64", [2, 1], [2, 0])),
      shaped(g, w, [2, 2]),
    ]),
  Selu: unary("Selu", apart),
  Sigmoid: unary("Sigmoid"),
  Sin: unary("Sin"),
  Sinh: unary("Sinh", small),
  Slice: (g, a) => g.slice(shaped(g, a, [2, 3]), [2], [-4], [1], [-2]),
  Softmax: unary("Softmax", (_, a) => a, { axis: -1 }),
  Softplus: unary("Softplus"),
  Softsign: unary("Softsign", apart),
  SpaceToDepth: unary("SpaceToDepth", (g, a) => shaped(g, a, [1, 1, 4, 2]), { blocksize: 2 }),
  Split: (g, a) => {
    const [first, second] = g.node(
      "Split",
      [shaped(g, a, [2, 3]), g.ints([1, 2])],
      { axis: 1 },
      { outputs: 2 },
    );
    return g.add(first!, g.mul(second!, second!));
  },
  Sqrt: unary("Sqrt", positive),
  Squeeze: (g, a) => g.op("Squeeze", [shaped(g, a, [2, 1, 3]), g.ints([1])]),
  Sub: binary("Sub"),
  Sum: (g, a, w) => g.op("Sum", [a, shaped(g, w, a.shape), a]),
  Tan: unary("Tan", small),
  Tanh: unary("Tanh"),
  ThresholdedRelu: unary("ThresholdedRelu", apart, { alpha: 1 }),
  Tile: (g, a) => g.op("Tile", [shaped(g, a, [2, 3]), g.ints([2, 1])]),
  Transpose: (g, a) => g.transpose(shaped(g, a, [2, 3]), [1, 0]),
  Trilu: unary("Trilu", (g, a) => shaped(g, a, [2, 3]), { upper: 0 }),
  Unsqueeze: (g, a) => g.op("Unsqueeze", [shaped(g, a, [2, 3]), g.ints([1])]),
  Where: (g, a, w) => g.where(g.greater(apart(g, a), 0), a, shaped(g, w, a.shape)),
} satisfies Record<DifferentiableOp, Build>;

const names = Object.keys(operators) as DifferentiableOp[];

/** One application: of an operator, to one of the values so far, with one of the weights. */
interface Step {
  readonly op: DifferentiableOp;
  readonly input: number;
  readonly weight: number;
}

const inputs = [values([2, 3]), values([3], 1), values([2], 2)];

/** Inputs 1 and 2 and two constants are the weights, which many steps share; all that a step gives has unit size. */
function build(steps: readonly Step[], reached?: Set<string>): GraphFunction {
  return (g, [x, v, w]) => {
    const weights = [v!, w!, constants(g, 1, 2), constants(g, 1, 2), g.constant(values([3], 3))];
    const made = [x!];
    for (const { op, input, weight } of steps) {
      const a = made[made.length - 1 - (input % made.length)]!;
      const before = g.nodes.length;
      const y = (operators[op] as Build)(g, a, weights[weight % weights.length]!);
      // The builder may write an operator as others, whose gradients then are its own.
      if (rewrites[op] || g.nodes.slice(before).some((node) => node.opType === op)) reached?.add(op);
      made.push(g.tanh(y));
    }
    // Each step, and each input, reaches the loss.
    const sum = [...made, v!, w!].map((value) => g.reduceMean(value)).reduce((a, b) => g.add(a, b));
    return g.reshape(
      g.add(g.mul(g.reshape(made.at(-1)!, [sizeOf(made.at(-1)!.shape)]), 2), sum),
      made.at(-1)!.shape,
    );
  };
}

const step = fc.record<Step>({ op: fc.constantFrom(...names), input: fc.nat(5), weight: fc.nat(4) });

/** Each operator as a layer that is applied twice, with weights that are a parameter and with ones that are constant. */
const twice = names.map((op, i): [Step[]] => [
  [0, 1].flatMap((input) => [
    { op, input, weight: 0 },
    { op, input, weight: 2 + (i % 2) },
  ]),
]);

test("gradients of random graphs that share weights, layers and constants are those of finite differences", {
  timeout: 600_000,
}, async () => {
  const reached = new Set<string>();
  const property = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
    const f = build(steps, reached);
    const { gradients } = await runWithGradients(f, inputs);
    const differences = await finiteDifferences(build(steps), inputs);
    gradients.forEach((gradient, i) => {
      const expected = differences[i]!;
      // Float32 losses of unit size over steps of 0.01 are good to 1e-4; the curvature adds up to 2 %.
      const allowed = 2e-2 * Math.max(...expected.map(Math.abs)) + 2e-3;
      expected.forEach((slope, k) => {
        const error = Math.abs((gradient.data[k] as number) - slope);
        expect(error, `gradient ${i}[${k}]: ${gradient.data[k]} for ${slope}`).toBeLessThan(allowed);
      });
    });
  });
  await fc.assert(property, { seed: 20240611, numRuns: twice.length + 50, examples: twice });
  expect([...reached].sort()).toEqual(Object.keys(gradientRules).sort());
});
