import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";

// What is configured holds for the whole program, so each test gets a fresh copy of the room.
let runtime: typeof import("../../src/runtime/index.js");
beforeEach(async () => {
  vi.resetModules();
  runtime = await import("../../src/runtime/index.js");
});

function doubling() {
  const g = new GraphBuilder();
  return g.build({ y: g.mul(g.input("x", "float32", [2]), 2) });
}

describe("configureRuntime", () => {
  test("refuses a number of threads that is none", () => {
    expect(() => runtime.configureRuntime({ threads: 0.5 })).toThrow(
      "configureRuntime: expected threads to be an integer in [1, 1024], got 0.5",
    );
  });

  test("comes before the first session", async () => {
    runtime.configureRuntime({ threads: 1 });
    await using _ = await runtime.createSession(doubling());
    expect(() => runtime.configureRuntime({ threads: 2 })).toThrow(
      "expected to be called before the first session is made",
    );
  });
});

describe("settings at the boundary", () => {
  const url = new URL("https://host.example/ort.wasm");
  test.each<[string, unknown[], unknown[]]>([
    ["threads", [1, 1024, undefined], [0, 1025, 1.5, "2", null, Number.NaN]],
    [
      "wasmPaths",
      ["/ort/", {}, { wasm: "/a.wasm" }, { mjs: url }, { wasm: url, mjs: "/a.mjs" }, undefined],
      [1, null, ["/a"], { wasm: 1 }, { mjs: null }, { js: "/a" }, { wasm: "/a", js: "/b" }, true],
    ],
  ])("%s", (name, takes, refuses) => {
    for (const value of takes)
      expect(() => runtime.configureRuntime({ [name]: value }), String(value)).not.toThrow();
    for (const value of refuses) {
      expect(() => runtime.configureRuntime({ [name]: value as never }), String(value)).toThrow(
        runtime.RuntimeError,
      );
      expect(() => runtime.configureRuntime({ [name]: value as never })).toThrow(`expected ${name} to be`);
    }
  });

  test("of options that are none", () => {
    expect(() => runtime.configureRuntime(null as never)).toThrow("expected an options object, got null");
    expect(() => runtime.configureRuntime({ wasmPath: "/" } as never)).toThrow('"wasmPath"; try wasmPaths');
  });

  test("add up, and turn URLs into text, which can be sent to a thread", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    runtime.configureRuntime({ threads: 3 });
    runtime.configureRuntime({ wasmPaths: { wasm: url, mjs: "/a.mjs" } });
    const wasm = { module: "onnxruntime-web", provider: "wasm" };
    const wasmPaths = { wasm: "https://host.example/ort.wasm", mjs: "/a.mjs" };
    expect(choosePlatform({ provider: "wasm" })).toEqual({ ...wasm, threads: 3, wasmPaths });
    expect(choosePlatform({ provider: "wasm", threads: 2 })).toEqual({ ...wasm, threads: 2, wasmPaths });
    // Native code has no such files.
    expect(choosePlatform()).toEqual({ module: "onnxruntime-node", provider: "cpu", threads: 3 });
    expect(() => runtime.configureRuntime({})).toThrow(
      "configureRuntime: expected to be called before the first session is made, got a call after it; try calling it at the start of the program",
    );
  });

  test("threads of the environment count where nothing else is said", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    vi.stubEnv("LRFIND_THREADS", "5");
    expect(choosePlatform().threads).toBe(5);
    expect(choosePlatform({ threads: 2 }).threads).toBe(2);
    for (const wrong of ["0", "many", "1.5"]) {
      vi.stubEnv("LRFIND_THREADS", wrong);
      expect(() => choosePlatform()).toThrow(
        /LRFIND_THREADS: expected threads to be an integer in \[1, 1024\]/,
      );
    }
    vi.stubEnv("LRFIND_THREADS", "");
    expect(choosePlatform().threads).toBeGreaterThan(0);
    vi.unstubAllEnvs();
  });

  test("leave a text as it is", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    runtime.configureRuntime({ wasmPaths: "/ort/" });
    const platform = { module: "onnxruntime-web", provider: "wasm", threads: 1, wasmPaths: "/ort/" };
    expect(choosePlatform({ provider: "wasm" })).toEqual(platform);
  });
});

describe("the platform in Node", () => {
  test("is native code on all cores, or WebAssembly on one thread", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    const cores = process.getBuiltinModule("node:os").availableParallelism();
    expect(runtime.defaultProvider()).toBe("cpu");
    expect(choosePlatform()).toEqual({ module: "onnxruntime-node", provider: "cpu", threads: cores });
    expect(choosePlatform({ provider: "webgpu", threads: 2 })).toEqual({
      ...{ module: "onnxruntime-node", provider: "webgpu", threads: 2 },
    });
    expect(choosePlatform({ provider: "wasm" })).toEqual({
      ...{ module: "onnxruntime-web", provider: "wasm", threads: 1 },
    });
    for (const threads of [0, 1025, 1.5, null]) {
      expect(() => choosePlatform({ threads: threads as never }, "here")).toThrow(/^here: expected threads/);
      expect(() => choosePlatform({ threads: threads as never })).toThrow(/^createSession: expected threads/);
    }
  });

  test("is told by what only Node has", async () => {
    const { isNode } = await import("../../src/runtime/environment.js");
    expect(isNode()).toBe(true);
    try {
      for (const other of [undefined, {}, { versions: {} }, { versions: { node: 20 } }]) {
        vi.stubGlobal("process", other);
        expect(isNode(), String(other)).toBe(false);
      }
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("loads each package once", async () => {
    const { loadOrt } = await import("../../src/runtime/ort.js");
    const [first, second] = [await loadOrt(), await loadOrt({ threads: 2 })];
    expect(first.ort).toBe(second.ort);
    expect([first.native, second.native]).toEqual([true, true]);
    expect(second.defaults).toEqual({ provider: "cpu", threads: 2 });
    const web = await loadOrt({ provider: "wasm", threads: 1 });
    expect(web.native).toBe(false);
    expect(web.ort.env.wasm.numThreads).toBe(1);
    await expect(loadOrt({ provider: "wasm", threads: 3 }, "here")).rejects.toThrow(
      "here: expected 1 threads, as the first WebAssembly session has, got 3; try configureRuntime({ threads: 3 }) before it",
    );
    await expect(loadOrt({ provider: "wasm", threads: 3 })).rejects.toThrow(
      /^createSession: expected 1 threads/,
    );
  });
});

describe("errors", () => {
  test("say what ONNX Runtime says, and keep it", async () => {
    const { disposed, failure, refusal } = await import("../../src/runtime/errors.js");
    const cause = new Error("below");
    const refused = refusal({ name: "training-step" }, cause);
    expect(refused.message).toBe(
      'createSession: expected the graph "training-step" to be one that ONNX Runtime takes, got its refusal: below',
    );
    expect(refused.cause).toBe(cause);
    expect(refusal({ name: "g" }, 7).message).toBe(
      'createSession: expected the graph "g" to be one that ONNX Runtime takes, got its refusal: 7',
    );
    expect(failure(cause)).toMatchObject({
      message: "run: expected ONNX Runtime to run the graph, got its error: below",
      cause,
    });
    expect(failure("text")).toMatchObject({
      message: "run: expected ONNX Runtime to run the graph, got its error: text",
      cause: "text",
    });
    expect(disposed().message).toBe("run: expected an open session, got one that has been disposed");
    expect(disposed().name).toBe("RuntimeError");
  });
});

describe("WebAssembly in Node", () => {
  test.each([{ worker: false }, { worker: true }])("runs a graph, %o", async ({ worker }) => {
    await using session = await runtime.createSession(doubling(), { provider: "wasm", worker });
    const buffer = tensor("float32", [2], [0, 0]);
    const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) }, { into: { y: buffer } });
    expect(y).toBe(buffer);
    expect([...buffer.data]).toEqual([2, 4]);
  });

  test("has one number of threads for all sessions", async () => {
    await using _ = await runtime.createSession(doubling(), { provider: "wasm" });
    await expect(runtime.createSession(doubling(), { provider: "wasm", threads: 2 })).rejects.toThrow(
      "createSession: expected 1 threads, as the first WebAssembly session has, got 2",
    );
  });
});

describe("what a browser cannot give", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.doMock("../../src/runtime/environment.js", () => ({ isNode: () => false }));
    vi.stubGlobal("navigator", { hardwareConcurrency: 4 });
  });
  afterEach(() => {
    vi.doUnmock("../../src/runtime/environment.js");
    vi.unstubAllGlobals();
  });

  test.each([
    [{ provider: "cpu" }, 'expected provider "wasm" or "webgpu" in a browser, got "cpu"'],
    [
      { provider: "webgpu" },
      'expected a browser with WebGPU for provider "webgpu", got one without; try provider "wasm"',
    ],
    [
      { threads: 2 },
      "expected a cross-origin isolated page for 2 threads, got one that is not; try serving it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or threads: 1",
    ],
  ] as const)("is named: %o", async (options, message) => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    expect(() => choosePlatform(options, "here")).toThrow(
      expect.objectContaining({ message: `here: ${message}` }),
    );
    expect(() => choosePlatform(options)).toThrow(`createSession: ${message}`);
  });

  test("does not stand in the way of what it can", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    const { defaultProvider } = await import("../../src/runtime/index.js");
    expect(defaultProvider()).toBe("wasm");
    const wasm = { module: "onnxruntime-web/wasm", provider: "wasm" };
    expect(choosePlatform({ threads: 1 })).toEqual({ ...wasm, threads: 1 });
    vi.stubGlobal("crossOriginIsolated", true);
    expect(choosePlatform({ threads: 2 })).toEqual({ ...wasm, threads: 2 });
    vi.stubGlobal("crossOriginIsolated", false);
    vi.stubGlobal("navigator", { gpu: {}, hardwareConcurrency: 4 });
    const gpu = { module: "onnxruntime-web/webgpu", provider: "webgpu", threads: 1 };
    expect(choosePlatform({ provider: "webgpu" })).toEqual(gpu);
  });

  test.each(["wasm", "webgpu"] as const)(
    "is set up with the page's files and threads: %s",
    async (provider) => {
      const env = { wasm: {} };
      vi.doMock(`onnxruntime-web/${provider}`, () => ({ default: { env } }));
      vi.stubGlobal("navigator", { gpu: {}, hardwareConcurrency: 4 });
      vi.stubGlobal("crossOriginIsolated", true);
      runtime = await import("../../src/runtime/index.js");
      runtime.configureRuntime({ wasmPaths: "/ort/" });
      const { loadOrt } = await import("../../src/runtime/ort.js");
      const { native, ort, defaults } = await loadOrt({ provider, threads: 3 });
      vi.doUnmock(`onnxruntime-web/${provider}`);
      expect([native, ort.env, defaults]).toEqual([false, env, { provider, threads: 3 }]);
      expect(env).toEqual({ wasm: { numThreads: 3, wasmPaths: "/ort/" } });
    },
  );

  test("decides how many threads there are by default", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    expect(choosePlatform()).toEqual({ module: "onnxruntime-web/wasm", provider: "wasm", threads: 1 });
    vi.stubGlobal("crossOriginIsolated", true);
    expect(choosePlatform().threads).toBe(4);
  });
});
