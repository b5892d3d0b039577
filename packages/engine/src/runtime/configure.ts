import { type Check, type Checks, checkArgument, checkOptions, integer } from "lrfind/core";
import { RuntimeError, refuse } from "./errors.js";

/** Settings of ONNX Runtime that all sessions share. */
export interface RuntimeConfig {
  /**
   * Where a browser finds ONNX Runtime's WebAssembly files: the URL of a folder, ending in "/", or the URLs of the
   * files. Vite and webpack find them by themselves; other bundlers leave it to the page to serve the files of
   * `onnxruntime-web/dist`. Default: beside the script that ONNX Runtime is in.
   */
  readonly wasmPaths?: string | { readonly wasm?: string | URL; readonly mjs?: string | URL };
  /**
   * Threads of sessions that do not say how many. Default: what the variable LRFIND_THREADS says, else all cores, in Node; all
   * cores on pages that are cross-origin isolated; 1 on other pages, which WebAssembly gives no threads.
   */
  readonly threads?: number;
}

/** The number of threads: beyond this it is a mistake, which no machine would bear. */
export const threads: Check = integer({ min: 1, max: 1024 });

const WASM_PATHS: Check = {
  expected: "a URL, or URLs { wasm, mjs }",
  accepts: (value) =>
    typeof value === "string" ||
    (typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(value).every(
        ([file, url]) => ["wasm", "mjs"].includes(file) && (typeof url === "string" || url instanceof URL),
      )),
};
const SETTINGS: Checks<RuntimeConfig> = { wasmPaths: WASM_PATHS, threads };

let config: RuntimeConfig = {};
let used = false;

/**
 * Sets what all sessions share. Call it before the first session is made; calls add up.
 *
 * @throws {RuntimeError} when a session has been made, or `threads` is not a whole number from 1 to 1024, or a setting does not
 *   exist.
 *
 * @example
 * ```ts
 * configureRuntime({ wasmPaths: "/assets/ort/", threads: 2 });
 * ```
 */
export function configureRuntime(settings: RuntimeConfig): void {
  checkOptions("configureRuntime", settings, SETTINGS, refuse);
  if (used) {
    throw new RuntimeError({
      where: "configureRuntime",
      expected: "to be called before the first session is made",
      got: "a call after it",
      hint: "calling it at the start of the program",
    });
  }
  const { wasmPaths } = settings;
  config = {
    ...config,
    ...settings,
    ...(typeof wasmPaths === "object" ? { wasmPaths: asText(wasmPaths) } : {}),
  };
}

/** The settings, which can no longer be changed from now on. */
export function useConfig(): RuntimeConfig {
  used = true;
  return config;
}

/** Throws unless `count` is a number of threads. */
export function checkThreads(where: string, count: number): void {
  checkArgument(where, "threads", count, threads, refuse);
}

/** Text in place of URL objects, which cannot be sent to a thread. */
function asText(urls: Readonly<Record<string, string | URL>>): Record<string, string> {
  return Object.fromEntries(Object.entries(urls).map(([file, url]) => [file, String(url)]));
}
