import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

// The script of a browser's thread, loaded into this one: `self` is a port that takes notes, ONNX Runtime a module that
// adds its inputs up.

const FAKE_ORT = `data:text/javascript,${encodeURIComponent(`
  export const env = { wasm: {} };
  export class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
  const log = globalThis.__fakeOrt;
  export const InferenceSession = {
    async create(model, options) {
      log.created = { model, options, wasm: { ...env.wasm } };
      return {
        async run(feeds, fetches) {
          log.runs.push({ feeds, fetches });
          if (log.fails) throw log.fails;
          const sum = Object.values(feeds).flatMap(({ data }) => [...data].map(Number)).reduce((a, b) => a + b, 0);
          return { y: { data: [sum, sum] }, n: { data: [BigInt(sum)] } };
        },
        async release() { log.releases++; },
      };
    },
  };
`)}`;

interface FakeOrt {
  created?: { model: unknown; options: unknown; wasm: Record<string, unknown> };
  readonly runs: {
    feeds: Record<string, { type: string; data: ArrayLike<number>; dims: unknown }>;
    fetches: unknown;
  }[];
  fails?: unknown;
  releases: number;
}

let log: FakeOrt;
let port: {
  onmessage?: (event: { data: unknown }) => Promise<void>;
  readonly posted: { message: Record<string, unknown>; transfer: unknown }[];
  closes: number;
  postMessage(message: Record<string, unknown>, transfer: unknown): void;
  close(): void;
};

beforeEach(async () => {
  log = { runs: [], releases: 0 };
  port = {
    posted: [],
    closes: 0,
    postMessage: (message, transfer) => port.posted.push({ message, transfer }),
    close: () => port.closes++,
  };
  vi.stubGlobal("__fakeOrt", log);
  vi.stubGlobal("self", port);
  vi.resetModules();
  const { versions } = process;
  Object.defineProperty(process, "versions", { value: {}, configurable: true });
  try {
    await import("../../../src/runtime/worker/session-worker.js");
  } finally {
    Object.defineProperty(process, "versions", { value: versions, configurable: true });
  }
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const send = (data: unknown) => port.onmessage!({ data });
const create = (platform: object = {}) =>
  send({
    kind: "create",
    // A text of its own for each test: modules are loaded once.
    platform: { module: `${FAKE_ORT}//${Math.random()}`, provider: "wasm", threads: 3, ...platform },
    model: "model",
    options: { executionProviders: ["wasm"] },
    inputs: [
      { name: "a", dtype: "uint8", shape: [3], offset: 0, length: 3 },
      { name: "b", dtype: "float32", shape: [1, 2], offset: 8, length: 2 },
    ],
    outputs: [
      { name: "y", dtype: "float32", shape: [2], offset: 0, length: 2 },
      { name: "n", dtype: "int64", shape: [1], offset: 8, length: 1 },
    ],
  });
function block() {
  const feeds = new ArrayBuffer(16);
  new Uint8Array(feeds, 0, 3).set([1, 2, 3]);
  new Float32Array(feeds, 8, 2).set([10, 20]);
  return { kind: "run", feeds, results: [new ArrayBuffer(8), new ArrayBuffer(8)] };
}

describe("the thread's script in a browser", () => {
  test("sets WebAssembly's threads, and its files where they are said", async () => {
    await create();
    expect(log.created).toEqual({
      model: "model",
      options: { executionProviders: ["wasm"] },
      wasm: { numThreads: 3 },
    });
    expect(port.posted).toEqual([{ message: { kind: "done" }, transfer: [] }]);
    await create({ wasmPaths: "/ort/", threads: 1 });
    expect(log.created!.wasm).toEqual({ numThreads: 1, wasmPaths: "/ort/" });
  });

  test("runs on views of the block, and hands back block and results", async () => {
    await create();
    const request = block();
    await send(request);
    const { feeds, fetches } = log.runs[0]!;
    expect(feeds["a"]).toMatchObject({ type: "uint8", dims: [3], data: new Uint8Array([1, 2, 3]) });
    expect(feeds["b"]).toMatchObject({ type: "float32", dims: [1, 2], data: new Float32Array([10, 20]) });
    expect(fetches).toEqual({ y: null, n: null });
    expect([...new Float32Array(request.results[0]!)]).toEqual([36, 36]);
    expect([...new BigInt64Array(request.results[1]!)]).toEqual([36n]);
    const { message, transfer } = port.posted[1]!;
    expect(message).toEqual({ kind: "done", feeds: request.feeds, results: request.results });
    expect(transfer).toEqual([request.feeds, ...request.results]);
  });

  test("hands the buffers back where a run fails, with the reason", async () => {
    await create();
    for (const [fails, text] of [
      [new Error("no memory"), "no memory"],
      ["no error at all", "no error at all"],
    ] as const) {
      log.fails = fails;
      const request = block();
      await send(request);
      const { feeds, results } = request;
      expect(port.posted.at(-1)).toEqual({
        message: { kind: "failed", message: text, feeds, results },
        transfer: [feeds, ...results],
      });
    }
    expect(port.closes).toBe(0);
  });

  test("releases its session when it is told to, and closes, with or without one", async () => {
    await send({ kind: "dispose" });
    expect([log.releases, port.closes]).toEqual([0, 1]);
    await create();
    await send({ kind: "dispose" });
    expect([log.releases, port.closes]).toEqual([1, 2]);
    expect(port.posted.at(-1)).toEqual({ message: { kind: "done" }, transfer: [] });
  });
});
