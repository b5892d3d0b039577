import type * as Ort from "onnxruntime-common";
import { RuntimeError } from "./errors.js";

/** ONNX Runtime's module and what it runs on unless told otherwise. */
export interface LoadedOrt {
  readonly ort: typeof Ort;
  readonly defaults: { readonly provider: "cpu" | "wasm"; readonly threads: number };
}

let loaded: Promise<LoadedOrt> | undefined;

/**
 * Loads ONNX Runtime, once: `onnxruntime-node` in Node, `onnxruntime-web` in a browser.
 *
 * @throws {RuntimeError} when the package is not installed.
 */
export function loadOrt(): Promise<LoadedOrt> {
  loaded ??= isNode() ? loadNative() : loadWeb();
  return loaded;
}

function isNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}

async function loadNative(): Promise<LoadedOrt> {
  const [ort, os] = await Promise.all([importOrExplain("onnxruntime-node"), import("node:os")]);
  return { ort, defaults: { provider: "cpu", threads: os.availableParallelism() } };
}

async function loadWeb(): Promise<LoadedOrt> {
  const ort = await importOrExplain("onnxruntime-web");
  return { ort, defaults: { provider: "wasm", threads: 1 } };
}

async function importOrExplain(name: "onnxruntime-node" | "onnxruntime-web"): Promise<typeof Ort> {
  try {
    // Literal specifiers, so that bundlers see them.
    const module =
      name === "onnxruntime-node" ? await import("onnxruntime-node") : await import("onnxruntime-web");
    return (module as { default?: unknown }).default
      ? (module.default as unknown as typeof Ort)
      : (module as unknown as typeof Ort);
  } catch (cause) {
    throw new RuntimeError(`expected the package "${name}" to be installed; try: npm install ${name}`, {
      cause,
    });
  }
}
