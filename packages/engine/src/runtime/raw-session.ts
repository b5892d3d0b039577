import { arrayOf, boolean, type Checks, checkArgument, checkOptions, string } from "lrfind/core";
import type * as Ort from "onnxruntime-common";
import { sizeOf, type Tensor } from "../onnx/index.js";
import { bytes as bytesCheck } from "../onnx/internal.js";
import { checkTensor } from "./check-tensor.js";
import { disposed, failure, RuntimeError, refuse, refusedBy } from "./errors.js";
import { SESSION_OPTIONS, type Tensors } from "./session.js";

/** How to run a model of which only the bytes are known. */
export interface RawSessionOptions {
  /** @default "cpu" in Node, "wasm" in a browser. */
  readonly provider?: "cpu" | "wasm" | "webgpu";
  /** Threads within an operator. Default: 1. */
  readonly threads?: number;
  /** Whether ONNX Runtime may rewrite the graph. Default: true. */
  readonly optimize?: boolean;
}

const FEEDS = {
  expected: "tensors by name",
  accepts: (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value),
};
const OPTIONS: Checks<RawSessionOptions> = {
  provider: SESSION_OPTIONS.provider,
  threads: SESSION_OPTIONS.threads,
  optimize: boolean,
};

/** A model made ready to run, whose shapes only its results tell. */
export interface RawSession extends AsyncDisposable {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the model.
   *
   * @param outputs - Names of the outputs wanted. Default: all.
   * @throws {RuntimeError} when ONNX Runtime fails.
   */
  run(feeds: Tensors, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
}

/**
 * Makes the bytes of an ONNX model ready to run on ONNX Runtime.
 *
 * @throws {RuntimeError} when an argument cannot be used, ONNX Runtime is not installed or refuses the model.
 *
 * @example
 * ```ts
 * await using session = await createRawSession(await readFile("model.onnx"));
 * const { output } = await session.run({ input });
 * ```
 */
export async function createRawSession(
  bytes: Uint8Array,
  options: RawSessionOptions = {},
): Promise<RawSession> {
  checkArgument("createRawSession", "bytes", bytes, bytesCheck, refuse);
  checkOptions("createRawSession", options, OPTIONS, refuse);
  return openModel(bytes, options);
}

/**
 * As `createRawSession`, of a model's path too (Node): ONNX Runtime finds external data beside it.
 *
 * @param model - Its bytes, or its path.
 */
export async function openModel(model: Uint8Array | string, options: RawSessionOptions): Promise<RawSession> {
  const { loadOrt } = await import("./ort.js");
  const { provider } = options;
  const { ort, defaults } = await loadOrt(provider ? { provider } : {}, "createRawSession");
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model as string, {
      executionProviders: [defaults.provider],
      graphOptimizationLevel: (options.optimize ?? true) ? "all" : "disabled",
      intraOpNumThreads: options.threads ?? 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw refusedBy("createRawSession", "the model", cause);
  }
  let isDisposed = false;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, outputs = session.outputNames) {
      if (isDisposed) throw disposed();
      checkArgument("run", "feeds", feeds, FEEDS, refuse);
      checkArgument("run", "outputs", outputs, arrayOf(string, { minLength: 1 }), refuse);
      const ortFeeds: Record<string, Ort.Tensor> = {};
      for (const [name, feed] of Object.entries(feeds)) {
        checkTensor("feed", name, feed);
        const { dtype, data, shape } = feed;
        if (sizeOf(shape) !== data.length) {
          throw new RuntimeError({
            where: "run",
            expected: `feed "${name}" to have ${sizeOf(shape)} elements for [${shape.join(", ")}]`,
            got: String(data.length),
          });
        }
        ortFeeds[name] = new ort.Tensor(dtype as Ort.Tensor.Type, data as never, shape);
      }
      let results: Ort.InferenceSession.ReturnType;
      try {
        results = await session.run(ortFeeds, [...outputs]);
      } catch (cause) {
        throw failure(cause);
      }
      const tensors: Record<string, Tensor> = {};
      for (const [name, result] of Object.entries(results)) {
        tensors[name] = {
          dtype: result.type as Tensor["dtype"],
          shape: result.dims,
          data: result.data as Tensor["data"],
        };
      }
      return tensors;
    },
    async [Symbol.asyncDispose]() {
      if (isDisposed) return;
      isDisposed = true;
      await session.release();
    },
  };
}
