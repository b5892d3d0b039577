import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeModel, GraphBuilder, tensor } from "../../src/onnx/index.js";
import type { ortOptions } from "../../src/runtime/direct-session.js";
import { loadOrt } from "../../src/runtime/ort.js";

// What sessions ask of ONNX Runtime: seen by a module that passes everything on and takes notes.

const { ort } = await loadOrt();
type SessionOptions = ReturnType<typeof ortOptions>;

/** What was asked, in order. */
interface Calls {
  readonly options: SessionOptions[];
  tensors: number;
  releases: number;
  readonly fetches: unknown[];
  /** What the next runs throw. */
  fails?: unknown;
}

let calls: Calls;
let runtime: typeof import("../../src/runtime/index.js");

beforeEach(async () => {
  calls = { options: [], tensors: 0, releases: 0, fetches: [] };
  vi.resetModules();
  const noted = (() => {
    const Tensor = new Proxy(ort.Tensor, {
      construct(target, args: readonly unknown[]) {
        calls.tensors++;
        return Reflect.construct(target, args) as object;
      },
    });
    const create = async (model: Uint8Array, options: SessionOptions) => {
      calls.options.push(options);
      if (options?.executionProviders?.[0] !== "cpu") throw new Error("no such device");
      const session = await ort.InferenceSession.create(model, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run(feeds: never, fetches: never) {
          calls.fetches.push(fetches);
          if (calls.fails) throw calls.fails;
          return session.run(feeds, fetches);
        },
        release() {
          calls.releases++;
          return session.release();
        },
      };
    };
    return { Tensor, InferenceSession: { create } };
  })();
  vi.doMock("onnxruntime-node", () => ({ default: noted }));
  runtime = await import("../../src/runtime/index.js");
  // The first session would find out what the package does; what is noted begins after that.
  const { fetchingOf } = await import("../../src/runtime/fetching.js");
  await fetchingOf({ ort: noted as never, native: true });
  calls = { options: [], tensors: 0, releases: 0, fetches: [] };
});
afterEach(() => {
  vi.doUnmock("onnxruntime-node");
  vi.resetModules();
});

function doubling() {
  const g = new GraphBuilder();
  return g.build({ y: g.mul(g.input("x", "float32", [2]), 2) });
}

const feeds = { x: tensor("float32", [2], [1, 2]) };

describe("a session in this thread", () => {
  test("wraps arrays that come again once, but numbers each time", async () => {
    const g = new GraphBuilder();
    const y = g.mul(g.input("x", "float32", [2]), g.input("rate", "float32", []));
    await using session = await runtime.createSession(g.build({ y }));
    const given = { ...feeds, rate: tensor("float32", [], [3]) };
    const into = { y: tensor("float32", [2], [0, 0]) };
    const made: number[] = [];
    for (let run = 0; run < 3; run++) {
      const before = calls.tensors;
      await session.run(given, { into });
      made.push(calls.tensors - before);
    }
    // The feed, the rate and the output; then the rate.
    expect(made).toEqual([3, 1, 1]);
  });

  test("wraps an array anew for another shape, of as many dimensions or of more", async () => {
    const g = new GraphBuilder();
    const inputs = (
      [
        [2, 3],
        [3, 2],
        [2, 3, 1],
        [2, 3],
      ] as const
    ).map((shape, i) => g.input(`x${i}`, "float32", shape));
    const outputs = Object.fromEntries(inputs.map((x, i) => [`y${i}`, g.neg(x)]));
    await using session = await runtime.createSession(g.build(outputs));
    const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
    const given = Object.fromEntries(
      inputs.map(({ shape }, i) => [`x${i}`, { dtype: "float32" as const, shape, data }]),
    );
    const results = await session.run(given);
    expect(Object.values(results).map(({ shape }) => shape)).toEqual(inputs.map(({ shape }) => shape));
    for (const { data: y } of Object.values(results)) expect([...y]).toEqual([-1, -2, -3, -4, -5, -6]);
    // Four outputs; the last input has a shape that was seen, but another came after it.
    expect(calls.tensors).toBe(8);
  });

  test("passes its options on, is released once, and releases nothing before", async () => {
    const session = await runtime.createSession(doubling(), { threads: 3, provider: "cpu" });
    expect(calls.options).toEqual([
      {
        executionProviders: ["cpu"],
        graphOptimizationLevel: "extended",
        executionMode: "sequential",
        enableMemPattern: false,
        intraOpNumThreads: 3,
        logSeverityLevel: 3,
      },
    ]);
    await session.run(feeds);
    expect(calls.releases).toBe(0);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect(calls.releases).toBe(1);
  });

  test("takes all cores unless told otherwise, or what the program has configured", async () => {
    const cores = process.getBuiltinModule("node:os").availableParallelism();
    runtime.configureRuntime({});
    await using _ = await runtime.createSession(doubling());
    expect(calls.options[0]!.intraOpNumThreads).toBe(cores);
    vi.resetModules();
    const fresh = await import("../../src/runtime/index.js");
    fresh.configureRuntime({ threads: 5 });
    fresh.configureRuntime({});
    await using _five = await fresh.createSession(doubling());
    await using _two = await fresh.createSession(doubling(), { threads: 2 });
    expect(calls.options.slice(-2).map(({ intraOpNumThreads }) => intraOpNumThreads)).toEqual([5, 2]);
  });

  test("asks for no copy of its outputs: the binding meets the unreadable one first", async () => {
    await using session = await runtime.createSession(doubling());
    await session.run(feeds);
    expect(Object.keys(calls.fetches[0] as object)).toEqual(["lrfind:unreadable", "y"]);
  });

  test("refuses what is wrong before ONNX Runtime is asked", async () => {
    await using session = await runtime.createSession(doubling());
    const y = feeds.x;
    await expect(session.run({})).rejects.toThrow("expected a feed");
    await expect(session.run(feeds, { into: { y } })).rejects.toThrow("memory of its own");
    await expect(session.run(feeds, { into: { y: tensor("int32", [2], [0, 0]) } })).rejects.toThrow("int32");
    expect(calls.fetches).toEqual([]);
  });
});

describe("what ONNX Runtime fails at", () => {
  test("is said, whatever it throws, but for the output that the binding cannot read", async () => {
    await using session = await runtime.createSession(doubling());
    for (const [fails, message] of [
      ["no memory", "no memory"],
      [new Error("no memory"), "no memory"],
      ["Non tensor type is temporarily not supported", "Non tensor type is temporarily not supported"],
    ] as const) {
      calls.fails = fails;
      const error = await session.run(feeds).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(runtime.RuntimeError);
      expect(error).toMatchObject({
        message: `run: expected ONNX Runtime to run the graph, got its error: ${message}`,
        cause: fails,
      });
    }
    calls.fails = new Error("Non tensor type is temporarily not supported.");
    await session.run(feeds);
  });

  test("is said when a session is made, for the provider that was asked for", async () => {
    const options = { provider: "webgpu" } as const;
    await expect(runtime.createSession(doubling(), options)).rejects.toThrow(
      /^createSession: expected the graph "\w+" to be one that ONNX Runtime takes, got its refusal: no such device$/,
    );
    await expect(runtime.createRawSession(encodeModel(doubling()), options)).rejects.toThrow(
      /^createRawSession: expected the model to be one that ONNX Runtime takes, got its refusal: no such device$/,
    );
    expect(calls.options.map((given) => given?.executionProviders)).toEqual([["webgpu"], ["webgpu"]]);
  });
});

describe("a session of WebAssembly", () => {
  test("copies what it gets, asks for no unreadable output, and says what fails", async () => {
    const runs: unknown[] = [];
    let fails: unknown;
    const session = {
      async run(_: unknown, fetches: unknown) {
        runs.push(fetches);
        if (fails) throw fails;
        return { y: { data: Float32Array.of(7, 8) } };
      },
      async release() {},
    };
    const InferenceSession = { create: async () => session };
    vi.doMock("onnxruntime-web", () => ({
      default: { env: { wasm: {} }, Tensor: ort.Tensor, InferenceSession },
    }));
    try {
      await using wasm = await runtime.createSession(doubling(), { provider: "wasm" });
      const y = tensor("float32", [2], [0, 0]);
      expect((await wasm.run(feeds, { into: { y } }))["y"]).toBe(y);
      expect([...y.data]).toEqual([7, 8]);
      expect(await wasm.run(feeds)).toEqual({ y: tensor("float32", [2], [7, 8]) });
      expect(runs).toEqual([["y"], ["y"]]);
      fails = new Error("out of bounds");
      await expect(wasm.run(feeds)).rejects.toMatchObject({
        message: "run: expected ONNX Runtime to run the graph, got its error: out of bounds",
        cause: fails,
      });
    } finally {
      vi.doUnmock("onnxruntime-web");
    }
  });
});

describe("a session of bytes", () => {
  test.each([
    [{}, 1, "all"],
    [{ optimize: true, threads: 2 }, 2, "all"],
    [{ optimize: false }, 1, "disabled"],
    [{ optimize: undefined, threads: undefined }, 1, "all"],
  ] as const)("%o", async (options, threads, level) => {
    const bytes = encodeModel(doubling());
    const session = await runtime.createRawSession(bytes, options as never);
    expect(calls.options).toEqual([
      {
        executionProviders: ["cpu"],
        graphOptimizationLevel: level,
        intraOpNumThreads: threads,
        logSeverityLevel: 4,
      },
    ]);
    expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect(calls.releases).toBe(1);
    await expect(session.run(feeds)).rejects.toThrow(
      "run: expected an open session, got one that has been disposed",
    );
  });

  test("computes the outputs that are wanted, all by default", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    await using session = await runtime.createRawSession(
      encodeModel(g.build({ y: g.neg(x), z: g.op("Abs", [x]) })),
    );
    expect(await session.run(feeds)).toEqual({
      y: tensor("float32", [2], [-1, -2]),
      z: tensor("float32", [2], [1, 2]),
    });
    expect(await session.run(feeds, ["z"])).toEqual({ z: tensor("float32", [2], [1, 2]) });
    expect(calls.fetches).toEqual([["y", "z"], ["z"]]);
  });
});

describe("a package that cannot be loaded", () => {
  test.each([
    ["onnxruntime-node", "onnxruntime-node", {}],
    ["onnxruntime-web", "onnxruntime-web", { provider: "wasm" }],
  ] as const)("is named: %s", async (module, name, options) => {
    const cause = new Error("no such package");
    vi.doMock(module, () => {
      throw cause;
    });
    const error = await runtime.createSession(doubling(), options).catch((caught: unknown) => caught);
    vi.doUnmock(module);
    expect(error).toBeInstanceOf(runtime.RuntimeError);
    expect((error as Error).message).toBe(
      `onnxruntime: expected the package "${name}" to be installed, got none that can be loaded; try npm install ${name}`,
    );
    expect((error as Error).cause).toBeDefined();
  });
});
