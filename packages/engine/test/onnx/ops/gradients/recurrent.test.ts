import { describe, expect, test } from "vitest";
import type { Attributes, Value } from "../../../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import type { GraphFunction } from "../../numeric.js";
import { finiteDifferences, relativeError, runWithGradients, values } from "../../numeric.js";
import type { TorchCase } from "../../torch.js";
import { testTorchCases } from "../../torch.js";

interface Recurrent {
  readonly op: "GRU" | "LSTM" | "RNN";
  readonly hidden: number;
  readonly direction?: "forward" | "reverse" | "bidirectional";
  readonly bias?: boolean;
  readonly states?: boolean;
  /** Outputs that are flattened and joined. */
  readonly used?: readonly number[];
  readonly lengths?: (g: GraphBuilder) => Value;
  readonly attributes?: Attributes;
}

/** A recurrent node of X, W, R and, where it has them, B and the first states. */
function recurrent({ op, hidden, direction = "forward", ...rest }: Recurrent): GraphFunction {
  const { bias = true, states = false, used = op === "LSTM" ? [0, 1, 2] : [0, 1] } = rest;
  return (g, [x, w, r, ...others]) => {
    const b = bias ? others.shift()! : null;
    const lengths = rest.lengths?.(g) ?? null;
    const inputs = [x!, w!, r!, b, lengths, ...(states ? others : [])];
    const outputs = g.node(
      op,
      inputs,
      { hidden_size: hidden, direction, ...rest.attributes },
      { outputs: op === "LSTM" ? 3 : 2 },
    );
    return g.concat(
      used.map((i) => g.reshape(outputs[i]!, [outputs[i]!.shape.reduce((a, c) => a * c, 1)])),
      0,
    );
  };
}

function inputsOf(gates: number, directions: number, states = 0) {
  const [steps, batch, size, hidden] = [3, 2, 2, 3];
  return [
    values([steps, batch, size]),
    values([directions, gates * hidden, size], 1),
    values([directions, gates * hidden, hidden], 2),
    values([directions, 2 * gates * hidden], 3),
    ...Array.from({ length: states }, (_, i) => values([directions, batch, hidden], 4 + i)),
  ];
}

async function checkFinite(f: GraphFunction, inputs: ReturnType<typeof inputsOf>) {
  const { gradients } = await runWithGradients(f, inputs);
  const expected = await finiteDifferences(f, inputs);
  gradients.forEach((gradient, i) => {
    expect(relativeError(gradient.data as Float32Array, expected[i]!), `input ${i}`).toBeLessThan(1e-2);
  });
}

describe("gradients of recurrent operators agree with PyTorch", () => {
  const build = ({ attributes }: TorchCase): GraphFunction => {
    const { op, hidden_size, directions, lengths, nonlinearity, ...rest } = attributes as unknown as {
      op: Recurrent["op"];
      hidden_size: number;
      directions: number;
      lengths?: readonly number[];
      nonlinearity?: string;
      states: boolean;
      bias: boolean;
      used: readonly number[];
    };
    return recurrent({
      op,
      hidden: hidden_size,
      direction: directions === 2 ? "bidirectional" : "forward",
      ...rest,
      ...(lengths && {
        lengths: (g: GraphBuilder) => g.constant(tensor("int32", [lengths.length], lengths)),
      }),
      attributes: {
        ...(op === "GRU" && { linear_before_reset: 1 }),
        ...(nonlinearity === "relu" && { activations: ["Relu", "Relu"] }),
      },
    });
  };
  // The kink of relu is no place for finite differences.
  testTorchCases("recurrent", build, ({ attributes }) => ({ finite: attributes["nonlinearity"] !== "relu" }));
});

describe("gradients of recurrent operators agree with finite differences", () => {
  test("GRU that resets before the product", () =>
    checkFinite(recurrent({ op: "GRU", hidden: 3, states: true }), inputsOf(3, 1, 1)));

  test("GRU that resets before the product, both directions, with sequence lengths", () =>
    checkFinite(
      recurrent({
        op: "GRU",
        hidden: 3,
        states: true,
        direction: "bidirectional",
        lengths: (g) => g.constant(tensor("int32", [2], [1, 3])),
      }),
      inputsOf(3, 2, 1),
    ));

  test("LSTM that runs backwards", () =>
    checkFinite(recurrent({ op: "LSTM", hidden: 3, states: true, direction: "reverse" }), inputsOf(4, 1, 2)));

  test("RNN with the sigmoid, backwards", () =>
    checkFinite(
      recurrent({ op: "RNN", hidden: 3, direction: "reverse", attributes: { activations: ["Sigmoid"] } }),
      inputsOf(1, 1),
    ));

  test.each([
    ["LSTM", 4, 2],
    ["GRU", 3, 1],
    ["RNN", 1, 1],
  ] as const)("%s with a sequence of length 0, in both directions", (op, gates, states) =>
    checkFinite(
      recurrent({
        op,
        hidden: 3,
        states: true,
        direction: "bidirectional",
        lengths: (g) => g.constant(tensor("int32", [2], [0, 2])),
        attributes: op === "GRU" ? { linear_before_reset: 1 } : {},
      }),
      inputsOf(gates, 2, states),
    ),
  );

  test("sequence lengths that come from the graph", () =>
    checkFinite(
      (g, inputs) => {
        const lengths = (b: GraphBuilder) =>
          b.cast(b.reduceSum(b.cast(b.greater(inputs[0]!, -9), "float32"), [0, 2]), "int32");
        const half = (b: GraphBuilder) => b.op("Div", [lengths(b), b.scalar(2, "int32")]);
        return recurrent({ op: "LSTM", hidden: 3, lengths: half })(g, inputs);
      },
      inputsOf(4, 1),
    ));
});

describe("the rule of recurrent operators", () => {
  test("leaves the forward pass to the runtime's own operator and multiplies once a step", () => {
    const g = new GraphBuilder();
    const shapes = [
      [5, 2, 3],
      [1, 16, 3],
      [1, 16, 4],
    ];
    const inputs = shapes.map((shape, i) => g.input(`x${i}`, "float32", shape));
    const y = recurrent({ op: "LSTM", hidden: 4, bias: false })(g, inputs);
    const loss = g.reduceSum(g.mul(y, y));
    const [, w, r] = inputs;
    const gradients = differentiate(g, loss, [w!, r!]);
    const { nodes } = g.build({ dw: gradients.get(w!)!, dr: gradients.get(r!)! });
    const count = (op: string) => nodes.filter((node) => node.opType === op).length;
    expect(count("LSTM")).toBe(1);
    expect(count("Gemm")).toBe(4); // Two for the gates, one for each weight.
    expect(count("MatMul")).toBe(4); // None from the first step to the fixed first state.
  });

  test("works where the graph wants the last state only", async () => {
    const f: GraphFunction = (g, [x, w, r]) => {
      const types = [null, { dtype: "float32" as const, shape: [1, 2, 3] }];
      return g.node("GRU", [x!, w!, r!], { hidden_size: 3 }, { types })[1]!;
    };
    await checkFinite(f, inputsOf(3, 1).slice(0, 3));
  });

  test.each([
    ["no clipping", { clip: 1 }],
    ["no coupled forget gate", { input_forget: 1 }],
    ["the default activations", { activations: ["Relu", "Tanh", "Tanh"] }],
  ])("refuses variants that have no rule: %s", (message, attributes) => {
    const g = new GraphBuilder();
    const inputs = inputsOf(4, 1).map((input, i) => g.input(`x${i}`, "float32", input.shape));
    const y = recurrent({ op: "LSTM", hidden: 3, attributes: attributes as Attributes })(g, inputs);
    expect(() => differentiate(g, g.reduceSum(y), [inputs[1]!])).toThrow(message);
  });
});
