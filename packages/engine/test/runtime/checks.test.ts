import { describe, expect, it } from "vitest";
import { type Boundary, flag, whole } from "../../../../test/support/boundaries.js";
import { LrfindError } from "../../../lrfind/src/core/index.js";
import { encodeModel, GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createRawSession, createSession, RuntimeError } from "../../src/runtime/index.js";

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

describe("messages about tensors", () => {
  const x = tensor("float32", [2], [1, 2]);
  const fit = "to be float32[2], got";
  const cases: [what: string, given: unknown, message: string][] = [
    ["another type", tensor("int32", [2], [1, 2]), `${fit} int32[2] with 2 elements`],
    ["another size", tensor("float32", [3], [1, 2, 3]), `${fit} float32[3] with 3 elements`],
    ["a dimension more", tensor("float32", [2, 1], [1, 2]), `${fit} float32[2, 1] with 2 elements`],
    ["a dimension less", tensor("float32", [], [1]), `${fit} float32[] with 1 elements`],
    ["less than its shape", { ...x, data: new Float32Array(1) }, `${fit} float32[2] with 1 elements`],
    ["more than its shape", { ...x, data: new Float32Array(3) }, `${fit} float32[2] with 3 elements`],
    ["no tensor", 3, 'to be a tensor, got 3; try tensor("float32", shape, values)'],
    ["a type that is no text", { ...x, dtype: 1 }, "to be a tensor, got an object"],
    ["a type that is unknown", { ...x, dtype: "toString" }, "to be a tensor, got an object"],
    ["a shape that is none", { ...x, shape: "2" }, "to be a tensor, got an object"],
    ["other data", { ...x, data: new Float64Array(2) }, "to be a tensor, got an object"],
  ];
  it.each(cases)("%s", async (_, given, message) => {
    await using session = await createSession(doubling());
    await expect(session.run({ x: given as never })).rejects.toThrow(`run: expected feed "x" ${message}`);
    await expect(session.run({ x }, { into: { y: given as never } })).rejects.toThrow(
      `run: expected output buffer "y" ${message}`,
    );
  });

  it("about feeds, and about those that the graph does not know", async () => {
    await using session = await createSession(doubling());
    await expect(session.run(null as never)).rejects.toThrow(
      "run: expected feeds to be tensors by name, got null",
    );
    await expect(session.run({ x }, { into: null as never })).rejects.toThrow(
      "run: expected into to be tensors by name, got null",
    );
    const y = tensor("float32", [2], [0, 0]);
    const more = { x, more: [1] as never };
    await expect(session.run(more, { into: { y } })).rejects.toThrow(
      'run: expected feed "more" to be a tensor',
    );
    await expect(session.run({ x }, { into: { y: [1] as never } })).rejects.toThrow(
      'run: expected output buffer "y" to be a tensor',
    );
    await expect(session.run({ x }, { into: { y, more: [1] as never } })).rejects.toThrow(
      'run: expected into to name outputs of the graph, got "more"; try one of y',
    );
  });

  it("about memory that several have a part of", async () => {
    const g = new GraphBuilder();
    const a = g.input("a", "float32", [2]);
    const b = g.input("b", "float32", [2]);
    await using session = await createSession(g.build({ y: g.add(a, b), z: g.sub(a, b) }));
    const memory = new Float32Array(10);
    const part = (from: number) => tensorOf(memory.subarray(from, from + 2));
    const run = (into: Record<string, number>) =>
      session.run(
        { a: part(0), b: part(2) },
        { into: Object.fromEntries(Object.entries(into).map(([name, from]) => [name, part(from)])) },
      );
    const own = (name: string, other: string) =>
      `run: expected memory of its own for output "${name}", got that of ${other}; try another array in into`;
    await expect(run({ y: 4, z: 1 })).rejects.toThrow(own("z", 'feed "a"'));
    await expect(run({ y: 4, z: 2 })).rejects.toThrow(own("z", 'feed "b"'));
    await expect(run({ y: 3 })).rejects.toThrow(own("y", 'feed "b"'));
    await expect(run({ y: 6, z: 5 })).rejects.toThrow(own("z", 'output "y"'));
    await expect(run({ y: 5, z: 6 })).rejects.toThrow(own("z", 'output "y"'));
    memory.set([1, 2, 3, 4]);
    await run({ y: 6, z: 4 });
    expect([...memory]).toEqual([1, 2, 3, 4, -2, -2, 4, 6, 0, 0]);
    // Feeds may share.
    const shared = await session.run({ a: part(0), b: part(0) }, { into: { y: part(8) } });
    expect([...shared["y"]!.data]).toEqual([2, 4]);
  });

  it("of bytes' sessions", async () => {
    await using raw = await createRawSession(encodeModel(doubling()));
    await expect(raw.run({ x: { ...x, data: new Float32Array(3) } })).rejects.toThrow(
      'run: expected feed "x" to have 2 elements for [2], got 3',
    );
    await expect(raw.run([x] as never)).rejects.toThrow("run: expected feeds to be tensors by name, got [");
    await expect(raw.run({ x: 3 as never })).rejects.toThrow('run: expected feed "x" to be a tensor, got 3');
    await expect(raw.run({ x }, [])).rejects.toThrow(
      "run: expected outputs to be an array of at least 1, each element a string, got []",
    );
    const failed = await raw.run({}).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RuntimeError);
    expect((failed as Error).message).toMatch(
      /^run: expected ONNX Runtime to run the graph, got its error: ./,
    );
    expect((failed as Error).cause).toBeInstanceOf(Error);
    const refused = await createRawSession(Uint8Array.of(1, 2, 3)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RuntimeError);
    expect((refused as Error).message).toMatch(
      /^createRawSession: expected the model to be one that ONNX Runtime takes, got its refusal: ./,
    );
    expect((refused as Error).cause).toBeInstanceOf(Error);
  });
});

/** Pairs as a tensor. */
function tensorOf(data: Float32Array<ArrayBuffer>) {
  return { dtype: "float32" as const, shape: [data.length], data };
}

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
