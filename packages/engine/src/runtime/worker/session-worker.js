// JavaScript, not TypeScript: the thread that loads this file has no TypeScript loader, so that one file serves the
// sources and the built package alike.

/**
 * Hosts one session of ONNX Runtime in a thread of its own. It is told `create`, then any number of `run`, then
 * `dispose`, one at a time, and answers each with `done` or `failed`. Buffers are handed over, not copied.
 *
 * @typedef {{ name: string, dtype: string, shape: readonly number[], offset: number, length: number }} Slot
 * @typedef {import("../ort.js").Platform} Platform
 * @typedef {object} Create
 * @property {"create"} kind
 * @property {Platform} platform
 * @property {Uint8Array} model
 * @property {import("onnxruntime-common").InferenceSession.SessionOptions} options
 * @property {readonly Slot[]} inputs
 * @property {readonly Slot[]} outputs
 * @typedef {object} Run
 * @property {"run"} kind
 * @property {ArrayBuffer} feeds All feeds, at their slots' offsets.
 * @property {readonly ArrayBuffer[]} results One buffer for each output.
 * @typedef {Create | Run | { kind: "dispose" }} Request
 */

const inNode = typeof process === "object" && typeof process.versions?.node === "string";
const port = inNode
  ? /** @type {import("node:worker_threads").MessagePort} */ (
      process.getBuiltinModule("node:worker_threads").parentPort
    )
  : /** @type {any} */ (self);

/** @type {Readonly<Record<string, new (buffer: ArrayBuffer, offset: number, length: number) => any>>} */
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** @type {typeof import("onnxruntime-common")} */
let ort;
/** @type {import("onnxruntime-common").InferenceSession | undefined} */
let session;
/** @type {Create} */
let setup;

/** @param {Platform["module"]} module */
function load(module) {
  switch (module) {
    case "onnxruntime-node":
      return import("#onnxruntime-node");
    case "onnxruntime-web/wasm":
      return import("onnxruntime-web/wasm");
    case "onnxruntime-web/webgpu":
      return import("onnxruntime-web/webgpu");
    default:
      return import(/* @vite-ignore */ module);
  }
}

/** @param {Create} request */
async function create(request) {
  const { platform, model, options } = request;
  const module = await load(platform.module);
  ort = /** @type {any} */ (module).default ?? module;
  if (platform.module !== "onnxruntime-node") {
    ort.env.wasm.numThreads = platform.threads;
    if (platform.wasmPaths !== undefined) ort.env.wasm.wasmPaths = platform.wasmPaths;
  }
  setup = request;
  session = await ort.InferenceSession.create(model, options);
}

/** @param {Run} request */
async function run({ feeds, results }) {
  const native = setup.platform.module === "onnxruntime-node";
  /** @type {Record<string, import("onnxruntime-common").Tensor>} */
  const inputs = {};
  for (const { name, dtype, shape, offset, length } of setup.inputs) {
    inputs[name] = tensor(dtype, feeds, offset, length, shape);
  }
  /** @type {Record<string, import("onnxruntime-common").Tensor | null>} */
  const fetches = {};
  setup.outputs.forEach(({ name, dtype, shape, length }, i) => {
    // onnxruntime-web 1.30 does not write into tensors that it is given.
    fetches[name] = native ? tensor(dtype, /** @type {ArrayBuffer} */ (results[i]), 0, length, shape) : null;
  });
  const made = await /** @type {import("onnxruntime-common").InferenceSession} */ (session).run(
    inputs,
    fetches,
  );
  if (native) return;
  setup.outputs.forEach(({ name, dtype, length }, i) => {
    view(dtype, /** @type {ArrayBuffer} */ (results[i]), 0, length).set(made[name]?.data);
  });
}

/** @type {(dtype: string, buffer: ArrayBuffer, offset: number, length: number, shape: readonly number[]) => any} */
function tensor(dtype, buffer, offset, length, shape) {
  return new ort.Tensor(/** @type {any} */ (dtype), view(dtype, buffer, offset, length), shape);
}

/** @type {(dtype: string, buffer: ArrayBuffer, offset: number, length: number) => any} */
function view(dtype, buffer, offset, length) {
  const TypedArray = /** @type {any} */ (arrays[dtype]);
  return new TypedArray(buffer, offset, length);
}

/** @param {Request} request */
async function answer(request) {
  const buffers = request.kind === "run" ? { feeds: request.feeds, results: request.results } : {};
  const transfer = request.kind === "run" ? [request.feeds, ...request.results] : [];
  try {
    if (request.kind === "create") await create(request);
    else if (request.kind === "run") await run(request);
    else await session?.release();
    port.postMessage({ kind: "done", ...buffers }, transfer);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: "failed", message, ...buffers }, transfer);
  }
  if (request.kind === "dispose") port.close();
}

if (inNode) port.on("message", answer);
else port.onmessage = (/** @type {MessageEvent<Request>} */ event) => answer(event.data);
