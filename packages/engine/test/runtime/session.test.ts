import { describe, expect, test } from "vitest";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createSession, RuntimeError } from "../../src/runtime/index.js";

function doubling() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2]);
  return g.build({ y: g.mul(x, 2) });
}

describe("createSession", () => {
  test("runs a graph", async () => {
    await using session = await createSession(doubling());
    const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) });
    expect(y).toEqual(tensor("float32", [2], [2, 4]));
  });

  test("writes into the tensors it is given", async () => {
    await using session = await createSession(doubling());
    const buffer = tensor("float32", [2], [0, 0]);
    const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) }, { into: { y: buffer } });
    expect(y).toBe(buffer);
    expect([...buffer.data]).toEqual([2, 4]);
  });

  test("names a feed that is missing or does not fit", async () => {
    await using session = await createSession(doubling());
    await expect(session.run({})).rejects.toThrow('run: expected a feed for input "x", got none');
    await expect(session.run({ x: tensor("float32", [3], [1, 2, 3]) })).rejects.toThrow(
      'run: expected feed "x" to be float32[2], got float32[3] with 3 elements',
    );
    await expect(session.run({ x: tensor("int32", [2], [1, 2]) })).rejects.toThrow("got int32[2]");
  });

  test("refuses to write into a tensor that does not fit", async () => {
    await using session = await createSession(doubling());
    const run = session.run(
      { x: tensor("float32", [2], [1, 2]) },
      { into: { y: tensor("float32", [1], [0]) } },
    );
    await expect(run).rejects.toThrow('output buffer "y" to be float32[2], got float32[1]');
  });

  test.each([false, true])(
    "refuses to write where it reads, or twice into one place (worker: %s)",
    async (worker) => {
      const g = new GraphBuilder();
      const x = g.input("x", "float32", [2]);
      await using session = await createSession(g.build({ y: g.mul(x, 2), z: g.mul(x, 3) }), { worker });
      const memory = new Float32Array(6);
      const part = (from: number) => ({
        dtype: "float32" as const,
        shape: [2],
        data: memory.subarray(from, from + 2),
      });
      const feed = part(0);
      const message = 'run: expected memory of its own for output "';
      await expect(session.run({ x: feed }, { into: { y: feed } })).rejects.toThrow(
        `${message}y", got that of feed "x"`,
      );
      await expect(session.run({ x: feed }, { into: { y: part(1) } })).rejects.toThrow(RuntimeError);
      await expect(session.run({ x: feed }, { into: { y: part(2), z: part(3) } })).rejects.toThrow(
        `${message}z", got that of output "y"`,
      );
      memory.set([1, 2]);
      await session.run({ x: feed }, { into: { y: part(2), z: part(4) } });
      expect([...memory]).toEqual([1, 2, 2, 4, 3, 6]);
    },
  );

  test.each([false, true])(
    "refuses a tensor for an output that the graph does not have, worker: %s",
    async (worker) => {
      await using session = await createSession(doubling(), { worker, threads: 1 });
      const x = tensor("float32", [2], [1, 2]);
      const buffer = tensor("float32", [2], [0, 0]);
      await expect(session.run({ x }, { into: { Y: buffer } })).rejects.toThrow(
        'run: expected into to name outputs of the graph, got "Y"; try y',
      );
      await expect(session.run({ x }, { into: { elsewhere: buffer } })).rejects.toThrow("try one of y");
      expect([...buffer.data]).toEqual([0, 0]);
    },
  );

  test("checks the number of threads", async () => {
    await expect(createSession(doubling(), { threads: 0 })).rejects.toThrow(
      "createSession: expected threads to be an integer in [1, 1024], got 0",
    );
  });

  test("passes on what ONNX Runtime refuses", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = g.op("NoSuchOp", [x], {}, { types: [{ dtype: "float32", shape: [2] }] });
    const error = await createSession(g.build({ y })).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toContain("NoSuchOp");
  });

  test("does not run once it is disposed, and may be disposed twice", async () => {
    const session = await createSession(doubling());
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await expect(session.run({ x: tensor("float32", [2], [1, 2]) })).rejects.toThrow(
      "one that has been disposed",
    );
  });
});

describe("a session natively", () => {
  test("gives every output that a graph has: computed, passed through, shared and empty", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const i = g.input("i", "int64", [1]);
    const y = g.neg(x);
    const bool = g.greater(x, 1.5);
    const none = g.slice(x, [0], [0], [0]);
    await using session = await createSession(
      g.build({ y, again: y, passed: x, i2: g.add(i, i), bool, none, one: g.scalar(1) }),
    );
    for (let run = 0; run < 3; run++) {
      const results = await session.run({
        x: tensor("float32", [2], [run, 2]),
        i: tensor("int64", [1], [5]),
      });
      expect([...results["y"]!.data]).toEqual([-run, -2]);
      expect([...results["again"]!.data]).toEqual([-run, -2]);
      expect([...results["passed"]!.data]).toEqual([run, 2]);
      expect(results["i2"]).toEqual(tensor("int64", [1], [10]));
      expect(results["bool"]).toEqual(tensor("bool", [2], [run > 1.5 ? 1 : 0, 1]));
      expect(results["none"]!.data).toHaveLength(0);
      expect([...results["one"]!.data]).toEqual([1]);
    }
  });

  test("tells an operator that fails from outputs that the binding does not read", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const i = g.input("i", "int32", [1]);
    await using session = await createSession(g.build({ y: g.op("Gather", [x, i]) }));
    const good = { x: tensor("float32", [2], [1, 2]), i: tensor("int32", [1], [1]) };
    expect([...(await session.run(good))["y"]!.data]).toEqual([2]);
    const bad = { ...good, i: tensor("int32", [1], [7]) };
    await expect(session.run(bad)).rejects.toThrow("out of data bounds");
  });
});
