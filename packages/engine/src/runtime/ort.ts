import type * as Ort from "onnxruntime-common";
import { checkThreads, type RuntimeConfig, useConfig } from "./configure.js";
import { isNode } from "./environment.js";
import { RuntimeError } from "./errors.js";
import { defaultProvider, type Provider } from "./provider.js";

/** Which of ONNX Runtime's packages runs a session, and how. */
export interface Platform {
  readonly module: "onnxruntime-node" | "onnxruntime-web" | "onnxruntime-web/wasm" | "onnxruntime-web/webgpu";
  readonly provider: Provider;
  readonly threads: number;
  /** Where WebAssembly's files are, when the program says so. */
  readonly wasmPaths?: NonNullable<RuntimeConfig["wasmPaths"]>;
}

/** ONNX Runtime's module and what it runs on unless told otherwise. */
export interface LoadedOrt {
  readonly ort: typeof Ort;
  /** Whether this is `onnxruntime-node`. */
  readonly native: boolean;
  readonly defaults: { readonly provider: Provider; readonly threads: number };
}

/** What a caller wants of ONNX Runtime. */
export interface OrtRequest {
  readonly provider?: Provider;
  readonly threads?: number;
}

/**
 * The variable LRFIND_THREADS: it reaches every copy of this package in a process and in those that it starts, as of a queue that
 * runs several on one machine.
 */
function threadsOfEnvironment(): number | undefined {
  const text = isNode() ? process.env["LRFIND_THREADS"] : undefined;
  if (text === undefined || text === "") return undefined;
  checkThreads("LRFIND_THREADS", Number(text));
  return Number(text);
}

/**
 * Chooses the package, the provider and the number of threads.
 *
 * @throws {RuntimeError} when this environment cannot give what is asked for.
 */
export function choosePlatform(request: OrtRequest = {}, where = "createSession"): Platform {
  if (request.threads !== undefined) checkThreads(where, request.threads);
  const config = useConfig();
  const wanted = request.threads ?? config.threads ?? threadsOfEnvironment();
  const { wasmPaths } = config;
  const web = wasmPaths === undefined ? {} : { wasmPaths };
  const provider = request.provider ?? defaultProvider();
  if (isNode()) {
    if (provider === "wasm") return { module: "onnxruntime-web", provider, threads: wanted ?? 1, ...web };
    // Not an import: bundlers for browsers fail on the names of Node's own modules.
    const cores = process.getBuiltinModule("node:os").availableParallelism();
    return { module: "onnxruntime-node", provider, threads: wanted ?? cores };
  }
  if (provider === "cpu") {
    throw new RuntimeError({
      where,
      expected: 'provider "wasm" or "webgpu" in a browser',
      got: '"cpu"',
    });
  }
  if (provider === "webgpu" && !("gpu" in navigator)) {
    throw new RuntimeError({
      where,
      expected: 'a browser with WebGPU for provider "webgpu"',
      got: "one without",
      hint: 'provider "wasm"',
    });
  }
  const isolated = globalThis.crossOriginIsolated === true;
  if (wanted !== undefined && wanted > 1 && !isolated) {
    throw new RuntimeError({
      where,
      expected: `a cross-origin isolated page for ${wanted} threads`,
      got: "one that is not",
      hint: "serving it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or threads: 1",
    });
  }
  const threads = wanted ?? (isolated ? navigator.hardwareConcurrency : 1);
  return { module: `onnxruntime-web/${provider}`, provider, threads, ...web };
}

interface LoadedModule {
  readonly ort: Promise<typeof Ort>;
  readonly threads: number;
}

const loaded = new Map<Platform["module"], LoadedModule>();

/**
 * Loads ONNX Runtime, once: `onnxruntime-node` in Node, `onnxruntime-web` in a browser or for provider "wasm".
 *
 * @throws {RuntimeError} when the package is not installed, or the environment cannot give what is asked for.
 */
export async function loadOrt(request: OrtRequest = {}, where?: string): Promise<LoadedOrt> {
  const platform = choosePlatform(request, where);
  const { module, provider, threads } = platform;
  let known = loaded.get(module);
  if (!known) {
    known = { ort: load(platform), threads };
    loaded.set(module, known);
  }
  // WebAssembly's threads are made once for all sessions.
  if (module !== "onnxruntime-node" && threads !== known.threads) {
    throw new RuntimeError({
      where: `${where ?? "createSession"}`,
      expected: `${known.threads} threads, as the first WebAssembly session has`,
      got: String(threads),
      hint: `configureRuntime({ threads: ${threads} }) before it`,
    });
  }
  return {
    ort: await known.ort,
    native: module === "onnxruntime-node",
    defaults: { provider, threads },
  };
}

async function load({ module, threads, wasmPaths }: Platform): Promise<typeof Ort> {
  const ort = await importOrExplain(module);
  if (module !== "onnxruntime-node") {
    ort.env.wasm.numThreads = threads;
    if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  }
  return ort;
}

async function importOrExplain(module: Platform["module"]): Promise<typeof Ort> {
  try {
    const imported = await importModule(module);
    return ((imported as { default?: unknown }).default ?? imported) as typeof Ort;
  } catch (cause) {
    const name = module === "onnxruntime-node" ? module : "onnxruntime-web";
    throw new RuntimeError(
      {
        where: "onnxruntime",
        expected: `the package "${name}" to be installed`,
        got: "none that can be loaded",
        hint: `npm install ${name}`,
      },
      { cause },
    );
  }
}

function importModule(module: Platform["module"]): Promise<unknown> {
  // Literal specifiers, so that bundlers see them; but for the form that only Node loads.
  switch (module) {
    case "onnxruntime-node":
      return import("#onnxruntime-node");
    case "onnxruntime-web/wasm":
      return import("onnxruntime-web/wasm");
    case "onnxruntime-web/webgpu":
      return import("onnxruntime-web/webgpu");
    case "onnxruntime-web":
      return import(/* @vite-ignore */ module);
  }
}
