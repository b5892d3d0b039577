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
    [{ provider: "cpu" }, 'expected provider "wasm" or "webgpu" in a browser'],
    [{ provider: "webgpu" }, 'expected a browser with WebGPU for provider "webgpu"'],
    [{ threads: 2 }, "expected a cross-origin isolated page for 2 threads"],
  ] as const)("is named: %o", async (options, message) => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    expect(() => choosePlatform(options)).toThrow(message);
  });

  test("decides how many threads there are by default", async () => {
    const { choosePlatform } = await import("../../src/runtime/ort.js");
    expect(choosePlatform()).toEqual({ module: "onnxruntime-web/wasm", provider: "wasm", threads: 1 });
    vi.stubGlobal("crossOriginIsolated", true);
    expect(choosePlatform().threads).toBe(4);
  });
});
