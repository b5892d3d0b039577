import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphBuilder, Value } from "../../src/onnx/index.js";
import type { GraphFunction } from "./numeric.js";
import { finiteDifferences, runWithGradients, values } from "./numeric.js";

/** One node of a random graph: its operator, and numbers that choose among what is there. */
interface Step {
  readonly op: keyof typeof operators;
  readonly first: number;
  readonly second: number;
  readonly axis: number;
}

type Build = (g: GraphBuilder, a: Value, b: Value, step: Step) => Value;

const unary =
  (op: string): Build =>
  (g, a) =>
    g.op(op, [a]);

const reduction =
  (op: string): Build =>
  (g, a, _, { axis }) =>
    a.shape.length === 0
      ? g.tanh(a)
      : g.op(op, [a, g.ints([axis % a.shape.length])], { keepdims: Number(axis % 2 === 0) });

const softmax =
  (op: string): Build =>
  (g, a, _, { axis }) =>
    a.shape.length === 0 ? g.tanh(a) : g.op(op, [a], { axis: axis % a.shape.length });

/** Smooth operators whose outputs stay of about unit size. A second operand is brought to a shape that fits. */
const operators = {
  Add: (g, a, b) => g.add(a, fitting(g, a, b)),
  Atan: unary("Atan"),
  Div: (g, a, b) => g.div(a, g.add(g.exp(g.tanh(fitting(g, a, b))), 1)),
  Erf: unary("Erf"),
  Exp: (g, a) => g.exp(g.tanh(a)),
  Gelu: unary("Gelu"),
  Log: (g, a) => g.log(g.add(g.mul(a, a), 1)),
  LogSoftmax: softmax("LogSoftmax"),
  MatMul: (g, a, b) => matrixProduct(g, a, b),
  Mish: unary("Mish"),
  Mul: (g, a, b) => g.mul(g.tanh(a), fitting(g, a, b)),
  Pow: (g, a, b) => g.pow(g.add(g.sigmoid(a), 1), g.tanh(fitting(g, a, b))),
  ReduceL2: (g, a, b, step) => reduction("ReduceL2")(g, g.add(g.sigmoid(a), 0.5), b, step),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  ReduceMean: reduction("ReduceMean"),
  ReduceSum: reduction("ReduceSum"),
  Sigmoid: unary("Sigmoid"),
  Sin: unary("Sin"),
  Softmax: softmax("Softmax"),
  Softplus: unary("Softplus"),
  Sqrt: (g, a) => g.sqrt(g.add(g.mul(a, a), 0.5)),
  Sub: (g, a, b) => g.sub(fitting(g, a, b), a),
  Tanh: unary("Tanh"),
  Transpose: (g, a) => g.transpose(a, [...a.shape.keys()].reverse()),
} satisfies Record<string, Build>;

/** `b` itself where it broadcasts with `a`, its mean over the dimensions that do not fit otherwise. */
function fitting(g: GraphBuilder, a: Value, b: Value): Value {
  const axes = b.shape.flatMap((dim, i) => {
    const other = a.shape[i - b.shape.length + a.shape.length] ?? 1;
    return dim === other || dim === 1 || other === 1 ? [] : [i];
  });
  return g.reduceMean(b, axes, { keepDims: true });
}

/** a bᵀ over the last dimension, or a plain product where these differ. */
function matrixProduct(g: GraphBuilder, a: Value, b: Value): Value {
  const columns = b.shape.length === 2 ? g.transpose(b, [1, 0]) : b;
  const inner = columns.shape.at(columns.shape.length === 1 ? -1 : -2);
  const batchesFit = columns.shape.length <= 2 || a.shape.length <= 2;
  if (a.shape.length > 0 && columns.shape.length > 0 && a.shape.at(-1) === inner && batchesFit) {
    return g.tanh(g.matmul(a, columns));
  }
  return g.mul(g.tanh(a), fitting(g, a, b));
}

const inputShapes = [[2, 3], [3], [3, 2], [1, 3], [2, 1, 3], [3, 3], []];

const step = fc.record<Step>({
  op: fc.constantFrom(...(Object.keys(operators) as (keyof typeof operators)[])),
  first: fc.nat(20),
  second: fc.nat(20),
  axis: fc.nat(5),
});

const randomGraph = fc.record({
  shapes: fc.array(fc.constantFrom(...inputShapes), { minLength: 2, maxLength: 3 }),
  steps: fc.array(step, { minLength: 2, maxLength: 8 }),
});

/** The last node, plus the means of all inputs, so that each is used. */
function build(steps: readonly Step[]): GraphFunction {
  return (g, inputs) => {
    const made = [...inputs];
    for (const step of steps) {
      const a = made[made.length - 1 - (step.first % made.length)]!;
      const b = made[step.second % made.length]!;
      made.push((operators[step.op] as Build)(g, a, b, step));
    }
    return inputs.reduce((sum, x) => g.add(sum, g.reduceMean(x)), made.at(-1)!);
  };
}

test("gradients of random graphs of smooth operators are those of finite differences", async () => {
  const property = fc.asyncProperty(randomGraph, async ({ shapes, steps }) => {
    const f = build(steps);
    const inputs = shapes.map((shape, i) => values(shape, i));
    const { gradients } = await runWithGradients(f, inputs);
    const differences = await finiteDifferences(f, inputs);
    gradients.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(shapes[i]);
      const expected = differences[i]!;
      // Float32 losses of unit size over steps of 0.01 are good to 1e-4; the curvature adds up to 2 %.
      const allowed = 2e-2 * Math.max(...expected.map(Math.abs)) + 1e-3;
      expected.forEach((slope, k) => {
        expect(Math.abs((gradient.data[k] as number) - slope)).toBeLessThan(allowed);
      });
    });
  });
  await fc.assert(property, { seed: 20240611, numRuns: 150 });
});
