import { describe, expect, test } from "vitest";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import { ortOptions } from "../../src/runtime/direct-session.js";
import { createSession } from "../../src/runtime/index.js";

describe("a session in this thread", () => {
  test("leaves no copies of the outputs that it writes into given tensors", async () => {
    // onnxruntime-node copies each output into a new array although it was given one. Arrays of 8 MB, which the
    // process counts as soon as they are made and only a collection takes back.
    const size = 2 ** 21;
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [size]);
    await using session = await createSession(g.build({ y: g.neg(x), z: g.mul(x, 2) }), { threads: 1 });
    const feeds = { x: tensor("float32", [size], new Float32Array(size)) };
    const into = {
      y: tensor("float32", [size], new Float32Array(size)),
      z: tensor("float32", [size], new Float32Array(size)),
    };
    await session.run(feeds, { into });
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 3; i++) await session.run(feeds, { into });
    // Six copies would be 48 MB; a collection in between can only lower it.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * size);
  });

  test("wraps an array anew when it comes as another type or shape", async () => {
    const g = new GraphBuilder();
    const flat = g.input("flat", "float32", [4]);
    const square = g.input("square", "float32", [2, 2]);
    await using session = await createSession(g.build({ a: g.add(flat, 1), b: g.add(square, 1) }));
    const data = Float32Array.of(1, 2, 3, 4);
    for (let i = 0; i < 2; i++) {
      const { a, b } = await session.run({
        flat: tensor("float32", [4], data),
        square: tensor("float32", [2, 2], data),
      });
      expect([a!.shape, b!.shape]).toEqual([[4], [2, 2]]);
      expect([...b!.data]).toEqual([2, 3, 4, 5]);
    }
  });

  test("reads numbers anew each run", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", []);
    await using session = await createSession(g.build({ y: g.mul(x, 3) }));
    const data = Float32Array.of(1);
    for (const value of [1, 2]) {
      data[0] = value;
      const { y } = await session.run({ x: { dtype: "float32", shape: [], data } });
      expect([...y!.data]).toEqual([3 * value]);
    }
  });

  test("may be disposed twice at the same time", async () => {
    const g = new GraphBuilder();
    const session = await createSession(g.build({ y: g.neg(g.input("x", "float32", [1])) }));
    await Promise.all([session[Symbol.asyncDispose](), session[Symbol.asyncDispose]()]);
  });

  test("asks ONNX Runtime for what training needs", () => {
    // Each is a measured choice: see the comments there.
    expect(ortOptions("cpu", 2)).toEqual({
      executionProviders: ["cpu"],
      graphOptimizationLevel: "extended",
      executionMode: "sequential",
      enableMemPattern: false,
      intraOpNumThreads: 2,
      logSeverityLevel: 3,
    });
  });
});
