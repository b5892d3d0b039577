import { expect, test } from "vitest";
import { GraphBuilder, lowerScalarOperands } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { values } from "../numeric.js";

function build(lower: boolean) {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [3, 5, 1, 1]);
  const s = g.input("s", "float32", [1]);
  const outputs = {
    scaled: g.mul(x, s),
    from: g.sub(s, x),
    larger: g.cast(g.greater(x, 0.25), "float32"),
    row: g.add(g.reshape(x, [3, 5]), s),
    number: g.mul(s, 2),
    wider: g.mul(g.input("one", "float32", [1, 1]), g.reshape(x, [15])),
  };
  if (lower) lowerScalarOperands(g);
  return g.build(outputs);
}

test("changes no value and no shape", async () => {
  await using plain = await createSession(build(false), { threads: 1 });
  await using lowered = await createSession(build(true), { threads: 1 });
  const feeds = { x: values([3, 5, 1, 1]), s: values([1], 1), one: values([1, 1], 2) };
  expect(await lowered.run(feeds)).toEqual(await plain.run(feeds));
});

test("lets no number meet a shape that ends with ones", () => {
  const binary = build(true).nodes.filter(({ opType }) => ["Mul", "Sub", "Greater"].includes(opType));
  const shapes = binary.flatMap(({ inputs }) => inputs.map((input) => input!.shape));
  expect(shapes.filter((shape) => shape.length === 4)).toEqual([]);
});
