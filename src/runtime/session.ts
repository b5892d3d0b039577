import type * as Ort from "onnxruntime-common";
import type { DType, Graph, Tensor, Value } from "../onnx/index.js";
import { encodeModel, sizeOf } from "../onnx/index.js";
import { RuntimeError } from "./errors.js";

/** How to run a graph. */
export interface SessionOptions {
  /**
   * ONNX Runtime's execution provider.
   * @default "cpu" in Node, "wasm" in a browser.
   */
  readonly provider?: "cpu" | "wasm" | "webgpu";
  /**
   * Threads within an operator. Results are bit-identical from run to run at a fixed number.
   * @default All cores natively, 1 in a browser.
   */
  readonly threads?: number;
}

/** Tensors by the name of the graph's input or output. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph made ready to run. */
export interface Session extends AsyncDisposable {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /**
   * Runs the graph.
   *
   * @param feeds - One tensor for each input, of its element type and shape.
   * @param options.into - Tensors that the named outputs are written into, instead of new ones. They must not
   *   be among the feeds.
   * @throws {RuntimeError} when a feed is missing or has another type or shape, or ONNX Runtime fails.
   */
  run(feeds: Tensors, options?: { readonly into?: Tensors }): Promise<Record<string, Tensor>>;
}

/**
 * Makes a graph ready to run on ONNX Runtime.
 *
 * @throws {RuntimeError} when ONNX Runtime is not installed or refuses the graph.
 *
 * @example
 * ```ts
 * const g = new GraphBuilder();
 * const x = g.input("x", "float32", [2]);
 * await using session = await createSession(g.build({ y: g.mul(x, 2) }));
 * const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) }); // [2, 4]
 * ```
 */
export async function createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const { loadOrt } = await import("./ort.js");
  const { ort, defaults } = await loadOrt();
  const provider = options.provider ?? defaults.provider;
  const threads = options.threads ?? defaults.threads;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RuntimeError(`createSession: expected threads to be a whole number from 1 up, got ${threads}`);
  }
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(encodeModel(graph), {
      executionProviders: [provider],
      graphOptimizationLevel: "all",
      executionMode: "sequential",
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new RuntimeError(
      `createSession: ONNX Runtime refuses the graph "${graph.name}": ${messageOf(cause)}`,
      { cause },
    );
  }
  return new OrtSession(ort, session, graph);
}

class OrtSession implements Session {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly #ort: typeof Ort;
  readonly #session: Ort.InferenceSession;
  #disposed = false;

  constructor(ort: typeof Ort, session: Ort.InferenceSession, graph: Graph) {
    this.#ort = ort;
    this.#session = session;
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
  }

  async run(feeds: Tensors, options: { readonly into?: Tensors } = {}): Promise<Record<string, Tensor>> {
    if (this.#disposed) throw new RuntimeError("run: expected an open session, but it has been disposed");
    const ortFeeds: Record<string, Ort.Tensor> = {};
    for (const input of this.inputs) {
      const feed = feeds[input.name];
      if (!feed) throw new RuntimeError(`run: expected a feed for input "${input.name}", got none`);
      check(`feed "${input.name}"`, input, feed);
      ortFeeds[input.name] = this.#toOrt(feed);
    }
    const fetches: Record<string, Ort.Tensor | null> = {};
    for (const output of this.outputs) {
      const into = options.into?.[output.name];
      if (into) check(`output buffer "${output.name}"`, output, into);
      fetches[output.name] = into ? this.#toOrt(into) : null;
    }
    let results: Ort.InferenceSession.ReturnType;
    try {
      results = await this.#session.run(ortFeeds, fetches);
    } catch (cause) {
      throw new RuntimeError(`run: ONNX Runtime failed: ${messageOf(cause)}`, { cause });
    }
    const tensors: Record<string, Tensor> = {};
    for (const output of this.outputs) {
      const result = results[output.name]!;
      tensors[output.name] = options.into?.[output.name] ?? {
        dtype: output.dtype,
        shape: output.shape,
        data: result.data as Tensor["data"],
      };
    }
    return tensors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }

  #toOrt(tensor: Tensor): Ort.Tensor {
    return new this.#ort.Tensor(tensor.dtype as Ort.Tensor.Type, tensor.data as never, tensor.shape);
  }
}

function check(what: string, expected: { dtype: DType; shape: readonly number[] }, got: Tensor): void {
  const sameShape =
    got.shape.length === expected.shape.length && got.shape.every((dim, i) => dim === expected.shape[i]);
  if (got.dtype !== expected.dtype || !sameShape || got.data.length !== sizeOf(got.shape)) {
    throw new RuntimeError(
      `run: expected ${what} to be ${expected.dtype}[${expected.shape.join(", ")}], got ${got.dtype}[${got.shape.join(", ")}] with ${got.data.length} elements`,
    );
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
