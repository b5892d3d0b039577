import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GraphBuilder, tensor } from "../../../src/onnx/index.js";
import type { Reply } from "../../../src/runtime/worker/thread.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock("../../../src/runtime/environment.js");
  vi.doUnmock("../../../src/runtime/worker/thread.js");
  vi.resetModules();
});

/** Asks for a session on a module of ONNX Runtime's place. */
const create = (module: string) => ({
  ...{ kind: "create", model: new Uint8Array(1), options: {}, inputs: [], outputs: [] },
  platform: { module, provider: "cpu", threads: 1 },
});
const dataModule = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

describe("a thread of Node", () => {
  const start = async () => (await import("../../../src/runtime/worker/thread.js")).startThread();

  test("answers, and says what went wrong without dying", async () => {
    const thread = await start();
    expect(await thread.ask(create(dataModule("throw new Error('broken package')")))).toEqual({
      kind: "failed",
      message: "broken package",
    });
    expect(await thread.ask(create(dataModule("throw 'no error at all'")))).toEqual({
      kind: "failed",
      message: "no error at all",
    });
    const good =
      "export default { env: { wasm: {} }, InferenceSession: { create: async () => ({ release() {} }) } }";
    expect(await thread.ask(create(dataModule(good)))).toEqual({ kind: "done" });
    await thread.stop();
    await expect(thread.ask({ kind: "dispose" })).rejects.toThrow(
      "run: expected the session's thread to be alive, got its end",
    );
  });

  test("that ends says so, to whoever waits and to whoever asks later", async () => {
    const { RuntimeError } = await import("../../../src/runtime/index.js");
    const thread = await start();
    const error = await thread.ask(create(dataModule("process.exit(3)"))).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({
      message: "run: expected the session's thread to be alive, got its end",
      cause: "exit code 3",
    });
    await expect(thread.ask({ kind: "dispose" })).rejects.toBe(error);
    await thread.stop();
  });

  test("is held while it is asked, so that its answer is waited for, and let go afterwards", async () => {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const ref = vi.spyOn(Worker.prototype, "ref");
    const unref = vi.spyOn(Worker.prototype, "unref");
    try {
      const thread = await start();
      expect([ref.mock.calls.length, unref.mock.calls.length]).toEqual([0, 1]);
      const answer = thread.ask(create("no such module"));
      expect([ref.mock.calls.length, unref.mock.calls.length]).toEqual([1, 1]);
      expect((await answer).kind).toBe("failed");
      expect([ref.mock.calls.length, unref.mock.calls.length]).toEqual([1, 2]);
      await thread.stop();
    } finally {
      ref.mockRestore();
      unref.mockRestore();
    }
  });
});

describe("a thread of a browser", () => {
  class FakeWorker {
    static last: FakeWorker;
    onmessage?: (event: { data: unknown }) => void;
    onerror?: (event: { message: string }) => void;
    readonly posted: unknown[][] = [];
    terminated = 0;
    constructor(
      readonly url: URL,
      readonly options: unknown,
    ) {
      FakeWorker.last = this;
    }
    postMessage(...args: unknown[]) {
      this.posted.push(args);
    }
    terminate() {
      this.terminated++;
    }
  }

  test("is asked, answers, fails and ends as Node's does", async () => {
    vi.resetModules();
    vi.doMock("../../../src/runtime/environment.js", () => ({ isNode: () => false }));
    vi.stubGlobal("Worker", FakeWorker);
    const { startThread } = await import("../../../src/runtime/worker/thread.js");
    const thread = startThread();
    const worker = FakeWorker.last;
    expect(String(worker.url)).toMatch(/\/session-worker\.js$/);
    expect(worker.options).toEqual({ type: "module" });

    const buffer = new ArrayBuffer(4);
    const answer = thread.ask({ kind: "run" }, [buffer]);
    expect(worker.posted).toEqual([[{ kind: "run" }, [buffer]]]);
    worker.onmessage?.({ data: { kind: "done" } });
    expect(await answer).toEqual({ kind: "done" });

    const stopped = thread.stop();
    expect(worker.posted[1]).toEqual([{ kind: "dispose" }, []]);
    expect(worker.terminated).toBe(0);
    worker.onmessage?.({ data: { kind: "done" } });
    await stopped;
    expect(worker.terminated).toBe(1);

    const another = startThread();
    const waiting = another.ask({ kind: "run" });
    FakeWorker.last.onerror?.({ message: "out of memory" });
    await expect(waiting).rejects.toMatchObject({ cause: "out of memory" });
    // A thread that is dead is not asked to dispose.
    await another.stop();
    expect(FakeWorker.last.posted).toHaveLength(1);
    expect(FakeWorker.last.terminated).toBe(1);
  });
});

describe("a session in a thread", () => {
  interface Request {
    readonly kind: string;
    readonly feeds?: ArrayBuffer;
    readonly results?: readonly ArrayBuffer[];
    readonly [field: string]: unknown;
  }
  let asked: { request: Request; transfer: readonly ArrayBuffer[] }[];
  let stops: number;
  let answerTo: (request: Request) => Reply | Promise<Reply>;
  let runtime: typeof import("../../../src/runtime/index.js");

  beforeEach(async () => {
    asked = [];
    stops = 0;
    answerTo = ({ feeds, results }) =>
      feeds && results ? { kind: "done", feeds, results } : { kind: "done" };
    vi.resetModules();
    vi.doMock("../../../src/runtime/worker/thread.js", () => ({
      startThread: () => ({
        async ask(request: Request, transfer: readonly ArrayBuffer[] = []) {
          asked.push({ request, transfer });
          return answerTo(request);
        },
        async stop() {
          stops++;
        },
      }),
    }));
    runtime = await import("../../../src/runtime/index.js");
  });

  /** Inputs of 3 bytes, 8 bytes and one number; outputs of 12 and 8 bytes. */
  function graph() {
    const g = new GraphBuilder();
    const flags = g.input("flags", "uint8", [3]);
    const count = g.input("count", "int64", [1]);
    const x = g.input("x", "float32", []);
    return g.build({ y: g.mul(g.cast(flags, "float32"), x), next: g.add(count, 1) });
  }
  const feeds = {
    flags: tensor("uint8", [3], [1, 2, 3]),
    count: tensor("int64", [1], [7]),
    x: tensor("float32", [], [0.5]),
  };
  const open = () => runtime.createSession(graph(), { worker: true, threads: 2 });

  test("says to the thread what to run, and where each tensor lies, at multiples of 8 bytes", async () => {
    await open();
    const { request } = asked[0]!;
    expect(request).toMatchObject({
      kind: "create",
      platform: { module: "onnxruntime-node", provider: "cpu", threads: 2 },
      options: { executionProviders: ["cpu"], intraOpNumThreads: 2 },
      inputs: [
        { name: "flags", dtype: "uint8", shape: [3], offset: 0, length: 3 },
        { name: "count", dtype: "int64", shape: [1], offset: 8, length: 1 },
        { name: "x", dtype: "float32", shape: [], offset: 16, length: 1 },
      ],
      outputs: [
        { name: "y", dtype: "float32", shape: [3], offset: 0, length: 3 },
        { name: "next", dtype: "int64", shape: [1], offset: 16, length: 1 },
      ],
    });
    expect(request["model"]).toBeInstanceOf(Uint8Array);
  });

  test("sends its feeds in one block, and hands over that block and the results", async () => {
    const session = await open();
    await session.run(feeds);
    const { request, transfer } = asked[1]!;
    const block = request.feeds!;
    expect(block.byteLength).toBe(24);
    expect([...new Uint8Array(block, 0, 3)]).toEqual([1, 2, 3]);
    expect([...new BigInt64Array(block, 8, 1)]).toEqual([7n]);
    expect([...new Float32Array(block, 16, 1)]).toEqual([0.5]);
    expect(request.results!.map(({ byteLength }) => byteLength)).toEqual([12, 8]);
    expect(transfer).toEqual([block, ...request.results!]);
    await session.run(feeds);
    expect(asked[2]!.request.feeds, "the same block again").toBe(block);
  });

  test("uses a result's buffer again where the caller has a copy, and gives it away where not", async () => {
    const session = await open();
    const y = tensor("float32", [3], [0, 0, 0]);
    const results = await session.run(feeds, { into: { y } });
    await session.run(feeds, { into: { y } });
    await session.run(feeds);
    await session.run(feeds);
    const [first, second, third, fourth] = asked.slice(1).map(({ request }) => request.results!);
    expect(second![0]).toBe(first![0]);
    expect(third![0]).toBe(first![0]);
    expect(fourth![0]).not.toBe(first![0]);
    for (const later of [second, third, fourth]) expect(later![1]).not.toBe(first![1]);
    expect(results["y"]).toBe(y);
    expect(results["next"]!.data.buffer).toBe(first![1]);
  });

  test("gives as a reason what the thread says, or that it says none, and ends the thread", async () => {
    answerTo = () => ({ kind: "failed", message: "no such operator" });
    await expect(open()).rejects.toThrow(
      /^createSession: expected the graph "\w+" to be one that ONNX Runtime takes, got its refusal: no such operator$/,
    );
    expect(stops).toBe(1);
    answerTo = () => ({ kind: "failed" });
    await expect(open()).rejects.toThrow("no reason given");
    answerTo = () => Promise.reject(new Error("gone"));
    await expect(open()).rejects.toThrow(/: gone$/);
    expect(stops).toBe(3);
  });

  test("goes on after a run that failed, one run at a time", async () => {
    const session = await open();
    let running = 0;
    let most = 0;
    let count = 0;
    answerTo = async ({ feeds: block, results }) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      const failed = ++count === 1;
      const buffers = { feeds: block!, results: results! };
      return failed ? { kind: "failed", message: "division", ...buffers } : { kind: "done", ...buffers };
    };
    const runs = await Promise.allSettled([session.run(feeds), session.run(feeds), session.run(feeds)]);
    expect(runs.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect((runs[0] as PromiseRejectedResult).reason.message).toBe(
      "run: expected ONNX Runtime to run the graph, got its error: division",
    );
    expect(most).toBe(1);
  });

  test("says in later runs too that its thread has died", async () => {
    const session = await open();
    answerTo = ({ feeds: block }) => {
      // As a transfer does.
      structuredClone(block, { transfer: [block!] });
      return Promise.reject(new Error("the thread has ended"));
    };
    for (let i = 0; i < 2; i++) {
      await expect(session.run(feeds)).rejects.toThrow(
        "run: expected ONNX Runtime to run the graph, got its error: the thread has ended",
      );
    }
    expect(asked.slice(1).map(({ request }) => request.kind)).toEqual(["run", "run"]);
  });

  test("waits for the run before it ends its thread, once, and whether that run fails or not", async () => {
    const session = await open();
    const order: string[] = [];
    let finish = (_: Reply) => {};
    answerTo = () =>
      new Promise<Reply>((resolve) => {
        finish = resolve;
      });
    const run = session.run(feeds).catch(() => order.push("failed"));
    const first = session[Symbol.asyncDispose]().then(() => order.push("disposed"));
    const second = session[Symbol.asyncDispose]();
    await expect(session.run(feeds)).rejects.toThrow(
      "run: expected an open session, got one that has been disposed",
    );
    expect(stops).toBe(0);
    const { feeds: block, results } = asked[1]!.request;
    finish({ kind: "failed", message: "division", feeds: block!, results: results! });
    await Promise.all([run, first, second]);
    expect(order).toEqual(["failed", "disposed"]);
    expect(stops).toBe(1);
  });

  test("checks a run's options and feeds before its thread is asked", async () => {
    const session = await open();
    const { x } = feeds;
    await expect(session.run({ ...feeds, x: tensor("float32", [1], [1]) })).rejects.toThrow('feed "x"');
    await expect(session.run(feeds, { inot: {} } as never)).rejects.toThrow('"inot"; try into');
    await expect(session.run(feeds, { into: { y: x } })).rejects.toThrow(
      'output buffer "y" to be float32[3]',
    );
    expect(asked).toHaveLength(1);
  });
});
