import { describe, expect, it } from "vitest";
import { LrfindError } from "../../src/core/index.js";
import { encodeModel, GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createRawSession, createSession, RuntimeError } from "../../src/runtime/index.js";
import { type Boundary, flag, whole } from "../support/boundaries.js";

function doubling() {
  const g = new GraphBuilder();
  return g.build({ y: g.mul(g.input("x", "float32", [2]), 2) });
}

const threads = whole(1, 1024);
const options: [string, Boundary][] = [
  ["threads", { ...threads, takes: [1] }],
  ["worker", flag],
  ["provider", { takes: ["cpu"], refuses: ["CPU", "gpu", "cuda", "", null, 1] }],
];

describe("options of sessions at the boundary", () => {
  it.each(options)("%s", async (name, { takes, refuses }) => {
    for (const value of takes) {
      await using session = await createSession(doubling(), { [name]: value });
      expect(session.inputs.length).toBe(1);
    }
    for (const value of refuses) {
      const call = createSession(doubling(), { [name]: value });
      await expect(call, String(value)).rejects.toThrow(RuntimeError);
      await expect(call).rejects.toThrow(`createSession: expected ${name} to be`);
    }
  });

  it.each([
    [{ thread: 1 }, 'expected a known option, got "thread"; try threads'],
    [{ device: "cpu" }, 'got "device"; try provider'],
    [null, "expected an options object, got null"],
    [3, "expected an options object, got 3"],
  ])("%o", async (given, message) => {
    await expect(createSession(doubling(), given as never)).rejects.toThrow(message);
    await expect(createRawSession(encodeModel(doubling()), given as never)).rejects.toThrow(message);
  });

  it.each([undefined, null, {}, "graph", encodeModel(doubling())])("refuses the graph %o", async (graph) => {
    await expect(createSession(graph as never)).rejects.toThrow(
      /^createSession: expected graph to be a graph/,
    );
  });

  it.each([undefined, null, {}, "model.onnx", [1, 2]])("refuses the bytes %o", async (bytes) => {
    await expect(createRawSession(bytes as never)).rejects.toThrow(
      /^createRawSession: expected bytes to be a Uint8Array/,
    );
  });
});

describe("feeds that are none", () => {
  const x = tensor("float32", [2], [1, 2]);
  const wrong: [string, unknown][] = [
    ["null", null],
    ["a number", 3],
    ["nothing for an input", {}],
    ["numbers", { x: [1, 2] }],
    ["an array without its type", { x: x.data }],
    ["another array", { x: { ...x, data: new Int32Array(2) } }],
    ["a plain array", { x: { ...x, data: [1, 2] } }],
    ["too few", { x: { ...x, data: new Float32Array(1) } }],
    ["no shape", { x: { ...x, shape: 2 } }],
    ["another type", { x: { ...x, dtype: "int32" } }],
    ["no type", { x: { ...x, dtype: "float" } }],
  ];
  it.each(wrong)("%s", async (_, feeds) => {
    await using direct = await createSession(doubling());
    await using raw = await createRawSession(encodeModel(doubling()));
    for (const session of [direct, raw]) {
      await expect(session.run(feeds as never)).rejects.toThrow(LrfindError);
      const { y } = await session.run({ x });
      expect([...y!.data]).toEqual([2, 4]);
    }
  });

  it("names an unknown option of a run, and buffers that are none", async () => {
    await using session = await createSession(doubling());
    await expect(session.run({ x }, { inot: {} } as never)).rejects.toThrow('"inot"; try into');
    await expect(session.run({ x }, { into: 3 as never })).rejects.toThrow(
      "run: expected into to be tensors by name",
    );
    await expect(session.run({ x }, { into: { y: 3 as never } })).rejects.toThrow(
      'run: expected output buffer "y" to be a tensor',
    );
  });

  it.each([3, "y", [], [1], ["z"]])("refuses the outputs %o", async (outputs) => {
    await using raw = await createRawSession(encodeModel(doubling()));
    await expect(raw.run({ x }, outputs as never)).rejects.toThrow(RuntimeError);
  });
});
