/** ONNX Runtime's execution providers that a graph may be written for. */
export type Target = "cpu" | "wasm" | "webgpu";
