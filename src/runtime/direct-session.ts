import type * as Ort from "onnxruntime-common";
import type { Graph, Tensor, Value } from "../onnx/index.js";
import { encodeModel } from "../onnx/index.js";
import { bufferOf, feedOf } from "./check-tensor.js";
import { disposed, failure, refusal } from "./errors.js";
import { type LoadedOrt, loadOrt, type Provider } from "./ort.js";
import type { Session, SessionOptions, Tensors } from "./session.js";

/** Makes a graph ready to run in this thread. */
export async function createDirectSession(graph: Graph, options: SessionOptions): Promise<Session> {
  const loaded = await loadOrt(options);
  const { provider, threads } = loaded.defaults;
  try {
    const session = await loaded.ort.InferenceSession.create(
      encodeModel(graph),
      ortOptions(provider, threads),
    );
    return new DirectSession(loaded, session, graph);
  } catch (cause) {
    throw refusal(graph, cause);
  }
}

/** ONNX Runtime's options for a graph that will run many times. */
export function ortOptions(provider: Provider, threads: number): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    // Not "all": it adds the NCHWc layout, which wins with weights that are constants. Ours are inputs; what is left is
    // a reordering before and after each pool. A ResNet-18 step takes 203 ms with "extended", 293 with "all".
    graphOptimizationLevel: "extended",
    executionMode: "sequential",
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  };
}

class DirectSession implements Session {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly #ort: typeof Ort;
  readonly #session: Ort.InferenceSession;
  /** Whether ONNX Runtime writes into the tensors it is given: onnxruntime-web 1.30 leaves them as they were. */
  readonly #writesFetches: boolean;
  #disposed = false;

  constructor({ ort, native }: LoadedOrt, session: Ort.InferenceSession, graph: Graph) {
    this.#ort = ort;
    this.#session = session;
    this.#writesFetches = native;
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
  }

  async run(feeds: Tensors, options: { readonly into?: Tensors } = {}): Promise<Record<string, Tensor>> {
    if (this.#disposed) throw disposed();
    const ortFeeds: Record<string, Ort.Tensor> = {};
    for (const input of this.inputs) ortFeeds[input.name] = this.#toOrt(feedOf(input, feeds));
    const fetches: Record<string, Ort.Tensor | null> = {};
    for (const output of this.outputs) {
      const into = bufferOf(output, options.into);
      fetches[output.name] = into && this.#writesFetches ? this.#toOrt(into) : null;
    }
    let results: Ort.InferenceSession.ReturnType;
    try {
      results = await this.#session.run(ortFeeds, fetches);
    } catch (cause) {
      throw failure(cause);
    }
    const tensors: Record<string, Tensor> = {};
    for (const output of this.outputs) {
      const data = results[output.name]!.data as Tensor["data"];
      const into = options.into?.[output.name];
      if (into && into.data !== data) into.data.set(data as never);
      tensors[output.name] = into ?? { dtype: output.dtype, shape: output.shape, data };
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
