import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { createSession, RuntimeError, type SessionOptions } from "../../../src/runtime/index.js";

const inThread: SessionOptions = { worker: true, threads: 1 };

function doubling() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2]);
  return g.build({ y: g.mul(x, 2) });
}

/** A chain of products of [size, size] matrices, and a count in another element type. */
function products({ size, count }: { size: number; count: number }) {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [size, size]);
  const n = g.input("n", "int64", []);
  let y = x;
  for (let i = 0; i < count; i++) y = g.tanh(g.matmul(y, x));
  return g.build({ y, mean: g.reduceMean(y), next: g.add(n, 1) });
}

function feedsFor(size: number) {
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  return { x: tensor("float32", [size, size], values), n: tensor("int64", [], [41]) };
}

describe("a session in a thread of its own", () => {
  test("gives the same bits as one in this thread, and leaves the feeds alone", async () => {
    const graph = products({ size: 33, count: 3 });
    await using direct = await createSession(graph, { threads: 1 });
    await using threaded = await createSession(graph, inThread);
    const feeds = feedsFor(33);
    const expected = await direct.run(feeds);
    const first = await threaded.run(feeds);
    expect(first).toEqual(expected);
    expect(feeds).toEqual(feedsFor(33));

    const second = await threaded.run({ ...feeds, n: first["next"]! });
    expect([...second["next"]!.data]).toEqual([43n]);
    expect(first, "results stay the caller's").toEqual(expected);
  });

  test("lets timers fire while a graph runs", async () => {
    const size = 512;
    await using session = await createSession(products({ size, count: 40 }), inThread);
    let ticks = 0;
    let running = true;
    const tick = () => {
      if (!running) return;
      ticks++;
      setImmediate(tick);
    };
    setImmediate(tick);
    await session.run(feedsFor(size));
    running = false;
    // A session in this thread lets one in.
    expect(ticks).toBeGreaterThan(10);
  });

  test("writes into the tensors it is given, again and again", async () => {
    await using session = await createSession(doubling(), inThread);
    const buffer = tensor("float32", [2], [0, 0]);
    for (const value of [1, 2, 3]) {
      const { y } = await session.run({ x: tensor("float32", [2], [value, 0]) }, { into: { y: buffer } });
      expect(y).toBe(buffer);
      expect([...buffer.data]).toEqual([2 * value, 0]);
    }
  });

  test("takes runs while it is running, in their order", async () => {
    await using session = await createSession(doubling(), inThread);
    const runs = [1, 2, 3].map((value) => session.run({ x: tensor("float32", [2], [value, value]) }));
    const results = await Promise.all(runs);
    expect(results.map(({ y }) => [...y!.data])).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ]);
  });

  test("checks feeds as a session in this thread does", async () => {
    await using session = await createSession(doubling(), inThread);
    await expect(session.run({})).rejects.toThrow('run: expected a feed for input "x", got none');
    await expect(session.run({ x: tensor("int32", [2], [1, 2]) })).rejects.toThrow("got int32[2]");
  });

  test("passes on what ONNX Runtime refuses", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = g.op("NoSuchOp", [x], {}, { types: [{ dtype: "float32", shape: [2] }] });
    const error = await createSession(g.build({ y }), inThread).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toContain("NoSuchOp");
  });

  test("passes on what ONNX Runtime fails at, and runs on", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const index = g.input("index", "int64", [1]);
    await using session = await createSession(g.build({ y: g.op("Gather", [x, index]) }), inThread);
    const data = tensor("float32", [2], [1, 2]);
    const error = await session.run({ x: data, index: tensor("int64", [1], [7]) }).catch((caught) => caught);
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as Error).message).toContain("run: expected ONNX Runtime to run the graph, got its error");
    const { y } = await session.run({ x: data, index: tensor("int64", [1], [1]) });
    expect([...y!.data]).toEqual([2]);
  });

  test("finishes what runs before it is disposed, then runs no more", async () => {
    const session = await createSession(doubling(), inThread);
    const run = session.run({ x: tensor("float32", [2], [1, 2]) });
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect([...(await run)["y"]!.data]).toEqual([2, 4]);
    await expect(session.run({ x: tensor("float32", [2], [1, 2]) })).rejects.toThrow(
      "one that has been disposed",
    );
  });

  test("does not keep a process alive that forgot to dispose it", () => {
    const script = fileURLToPath(new URL("undisposed.ts", import.meta.url));
    const tsx = fileURLToPath(import.meta.resolve("tsx"));
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", tsx, script], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect({ status, stdout: stdout.trim(), stderr }).toEqual({ status: 0, stdout: "2,4", stderr: "" });
  });
});
