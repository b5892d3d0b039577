import { isNode } from "./environment.js";

/** What runs the operators: native code, WebAssembly, or the GPU. */
export type Provider = "cpu" | "wasm" | "webgpu";

/**
 * What runs the operators unless told otherwise: "cpu", native code, in Node; "wasm" in a browser.
 *
 * @example
 * ```ts
 * const training = buildTrainingGraph({ ...options, target: defaultProvider() });
 * ```
 */
export function defaultProvider(): Provider {
  return isNode() ? "cpu" : "wasm";
}
