import type * as Ort from "onnxruntime-common";
import type { Graph, Tensor, TensorData, Value } from "../onnx/index.js";
import { allocate, encodeModel, sizeOf } from "../onnx/index.js";
import { disposed, failure, refusal } from "./errors.js";
import { encodeUnreadable, type Fetching, fetchingOf, UNREADABLE } from "./fetching.js";
import { loadOrt } from "./ort.js";
import type { Provider } from "./provider.js";
import { RunChecks, type RunOptions } from "./run-checks.js";
import type { Session, SessionOptions, Tensors } from "./session.js";

/** Makes a graph ready to run in this thread. */
export async function createDirectSession(graph: Graph, options: SessionOptions): Promise<Session> {
  const loaded = await loadOrt(options);
  const { provider, threads } = loaded.defaults;
  const fetching = await fetchingOf(loaded);
  try {
    const bytes = fetching.copying === undefined ? encodeModel(graph) : encodeUnreadable(graph);
    const session = await loaded.ort.InferenceSession.create(bytes, ortOptions(provider, threads));
    return new DirectSession(loaded.ort, { session, fetching, graph });
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
    // A pattern comes on top of the arena that the first run filled: 130 MiB more for a ResNet-18 step, and no faster.
    enableMemPattern: false,
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  };
}

class DirectSession implements Session {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly #checks: RunChecks;
  readonly #ort: typeof Ort;
  readonly #session: Ort.InferenceSession;
  readonly #fetching: Fetching;
  /** ONNX Runtime's tensors of the arrays seen before: training goes to and fro between two sets of them. */
  readonly #wrapped = new WeakMap<TensorData, Ort.Tensor>();
  #disposed = false;

  constructor(
    ort: typeof Ort,
    parts: { readonly session: Ort.InferenceSession; readonly fetching: Fetching; readonly graph: Graph },
  ) {
    const { session, fetching, graph } = parts;
    this.#ort = ort;
    this.#session = session;
    this.#fetching = fetching;
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
    this.#checks = new RunChecks(graph);
  }

  async run(feeds: Tensors, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    this.#checks.options(options);
    if (this.#disposed) throw disposed();
    const checked = this.#checks.tensors(feeds, options.into);
    const ortFeeds: Record<string, Ort.Tensor> = {};
    for (const [i, { name }] of this.inputs.entries()) ortFeeds[name] = this.#toOrt(checked.feeds[i]!);
    const tensors: Record<string, Tensor> = {};
    for (const [i, output] of this.outputs.entries()) {
      tensors[output.name] = checked.into[i] ?? newTensor(output);
    }
    if (this.#fetching.writes) await this.#runInto(ortFeeds, tensors);
    else await this.#runAndCopy(ortFeeds, tensors);
    return tensors;
  }

  async #runInto(feeds: Record<string, Ort.Tensor>, tensors: Tensors): Promise<void> {
    const { copying } = this.#fetching;
    const fetches: Record<string, Ort.Tensor | null> = copying === undefined ? {} : { [UNREADABLE]: null };
    for (const { name } of this.outputs) fetches[name] = this.#toOrt(tensors[name]!);
    try {
      await this.#session.run(feeds, fetches);
    } catch (cause) {
      if (copying === undefined || !(cause instanceof Error) || cause.message !== copying)
        throw failure(cause);
    }
  }

  async #runAndCopy(feeds: Record<string, Ort.Tensor>, tensors: Tensors): Promise<void> {
    const fetches = this.outputs.map(({ name }) => name);
    let results: Ort.InferenceSession.ReturnType;
    try {
      results = await this.#session.run(feeds, fetches);
    } catch (cause) {
      throw failure(cause);
    }
    for (const name of fetches) tensors[name]!.data.set(results[name]!.data as never);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }

  #toOrt({ dtype, data, shape }: Tensor): Ort.Tensor {
    const known = this.#wrapped.get(data);
    if (known?.type === dtype && isSame(known.dims, shape)) return known;
    const made = new this.#ort.Tensor(dtype as Ort.Tensor.Type, data as never, shape);
    // Numbers come anew each step: a table of them would only grow until a full collection.
    if (shape.length > 0) this.#wrapped.set(data, made);
    return made;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

function newTensor({ dtype, shape }: Value): Tensor {
  return { dtype, shape, data: allocate(dtype, sizeOf(shape)) };
}
