/** ONNX Runtime is missing, refuses a graph, or fails to run it; or a tensor does not fit the graph. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}
