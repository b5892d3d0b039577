import { boolean, type Checks, oneOf } from "lrfind/core";
import type { Tensor, Value } from "../onnx/index.js";
import { threads } from "./configure.js";
import type { Provider } from "./provider.js";

/** How to run a graph. */
export interface SessionOptions {
  /**
   * ONNX Runtime's execution provider. "wasm" works in Node too, where `onnxruntime-web` is installed.
   * @default "cpu" in Node, "wasm" in a browser.
   */
  readonly provider?: Provider;
  /**
   * Threads within an operator. Results are bit-identical from run to run at a fixed number. WebAssembly sessions
   * all share the first one's threads.
   * @default All cores in Node and on a cross-origin isolated page, otherwise 1; see `configureRuntime`.
   */
  readonly threads?: number;
  /**
   * Whether the graph runs in a thread of its own, so that this thread's event loop stays free during a run: for
   * progress bars, servers and pages that must answer. Each run then copies its feeds, and its outputs where it is
   * given tensors to write them into.
   * @default false
   */
  readonly worker?: boolean;
}

/** The checks of a session's options. */
export const SESSION_OPTIONS: Checks<SessionOptions> = {
  provider: oneOf("cpu" satisfies Provider, "wasm" satisfies Provider, "webgpu" satisfies Provider),
  threads,
  worker: boolean,
};

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
   * @param options.into - Tensors that the named outputs are written into, instead of new ones. They share no memory
   *   with the feeds or with one another.
   * @throws {RuntimeError} when a feed is missing or has another type or shape, tensors of `into` share memory, or ONNX
   *   Runtime fails.
   */
  run(feeds: Tensors, options?: { readonly into?: Tensors }): Promise<Record<string, Tensor>>;
}
