import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/nn/index.js";
import * as nn from "../../src/nn/index.js";
import type { Tensor, Value } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { readFixture } from "./torch-fixture.js";

interface LossCase {
  readonly loss: number;
  readonly dx: readonly number[];
}

interface Fixture {
  readonly x: readonly number[];
  readonly activations: Readonly<
    Record<string, { readonly y: readonly number[]; readonly dx: readonly number[] }>
  >;
  readonly logits: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly binaryLogits: readonly number[];
  readonly binary: readonly number[];
  readonly crossEntropy: readonly LossCase[];
  readonly bceWithLogits: readonly LossCase[];
  readonly softmax: readonly (readonly number[])[];
  readonly logSumExp: readonly number[];
}

const fixture = readFixture<Fixture>("far_values");

const activations: Record<string, Layer> = {
  gelu: nn.gelu(),
  geluTanh: nn.gelu({ approximate: "tanh" }),
  silu: nn.silu(),
  mish: nn.mish(),
  tanh: nn.tanh(),
  sigmoid: nn.sigmoid(),
  hardsigmoid: nn.hardsigmoid(),
  hardswish: nn.hardswish(),
  elu: nn.elu(),
  selu: nn.selu(),
  softplus: nn.softplus(),
  softsign: nn.softsign(),
  leakyRelu: nn.leakyRelu(),
  relu6: nn.relu6(),
};

/** Runs a function of one input and its gradient, the sum of the output being the loss. */
async function run(
  x: Tensor,
  f: (g: GraphBuilder, x: Value) => Value,
): Promise<{ y: number[]; dx: number[] }> {
  const g = new GraphBuilder();
  const input = g.input("x", x.dtype, x.shape);
  const y = f(g, input);
  const dx = differentiate(g, g.reduceSum(y), [input]).get(input)!;
  await using session = await createSession(g.build({ y, dx }), { threads: 1 });
  const results = await session.run({ x });
  const numbers = (name: string) => Array.from(results[name]!.data as Float32Array);
  return { y: numbers("y"), dx: numbers("dx") };
}

/** Float32 holds seven digits, and nothing below 1e-38; functions that near a limit do so within a few units. */
function expectClose(got: readonly number[], expected: readonly number[], what: string): void {
  expected.forEach((want, i) => {
    const allowed = 2e-6 * Math.abs(want) + 1e-6;
    expect(Math.abs(got[i]! - want), `${what}[${i}]: ${got[i]} for ${want}`).toBeLessThanOrEqual(allowed);
  });
}

describe("far from zero, as PyTorch in float64", () => {
  test.each(Object.keys(fixture.activations))("%s", async (name) => {
    const x = tensor("float32", [fixture.x.length], fixture.x);
    const layer = activations[name]!;
    const { y, dx } = await run(x, (g, value) => layer.forward({ g } as never, value));
    expectClose(y, fixture.activations[name]!.y, "output");
    expectClose(dx, fixture.activations[name]!.dx, "gradient");
  });

  test("cross-entropy", async () => {
    for (const [i, logits] of fixture.logits.entries()) {
      const target = tensor("int32", [1], [fixture.labels[i]!]);
      const { y, dx } = await run(tensor("float32", [1, 3], logits), (g, x) =>
        nn.crossEntropy().build(g, x, [g.constant(target)]),
      );
      expectClose(y, [fixture.crossEntropy[i]!.loss], `loss ${i}`);
      expectClose(dx, fixture.crossEntropy[i]!.dx, `gradient ${i}`);
    }
  });

  test("binary cross-entropy, and with weights that hardly weigh", async () => {
    for (const [i, logit] of fixture.binaryLogits.entries()) {
      for (const loss of [nn.bceWithLogits(), nn.bceWithLogits({ posWeight: 1 + 1e-7 })]) {
        const target = tensor("float32", [1, 1], [fixture.binary[i]!]);
        const { y, dx } = await run(tensor("float32", [1, 1], [logit]), (g, x) =>
          loss.build(g, x, [g.constant(target)]),
        );
        expectClose(y, [fixture.bceWithLogits[i]!.loss], `loss ${i}`);
        expectClose(dx, fixture.bceWithLogits[i]!.dx, `gradient ${i}`);
      }
    }
  });

  test("softmax and the logarithm of a sum of exponentials", async () => {
    for (const [i, logits] of fixture.logits.entries()) {
      const x = tensor("float32", [1, 3], logits);
      const softmax = await run(x, (g, value) => g.op("Softmax", [value], { axis: 1 }));
      expectClose(softmax.y, fixture.softmax[i]!, `softmax ${i}`);
      const sum = await run(x, (g, value) => g.op("ReduceLogSumExp", [value], { keepdims: 0 }));
      expectClose(sum.y, [fixture.logSumExp[i]!], `logarithm ${i}`);
      // exp(x - y), as in PyTorch: y is rounded at its own size.
      const rounding = Math.min(1, Math.abs(fixture.logSumExp[i]!) * 2 ** -23);
      fixture.softmax[i]!.forEach((want, j) => {
        expect(Math.abs(sum.dx[j]! - want), `gradient ${i}, ${j}`).toBeLessThan(1e-6 + rounding);
      });
    }
  });
});
