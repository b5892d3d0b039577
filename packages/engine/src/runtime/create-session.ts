import { checkOptions } from "lrfind/core";
import type { Graph } from "../onnx/index.js";
import { checkGraph } from "../onnx/internal.js";
import { refuse } from "./errors.js";
import { SESSION_OPTIONS, type Session, type SessionOptions } from "./session.js";

/**
 * Makes a graph ready to run on ONNX Runtime.
 *
 * @throws {OnnxError} when it is no graph.
 * @throws {RuntimeError} when an option does not exist or cannot be used, ONNX Runtime is not installed or refuses the
 *   graph.
 *
 * @example
 * ```ts
 * const g = new GraphBuilder();
 * const x = g.input("x", "float32", [2]);
 * await using session = await createSession(g.build({ y: g.mul(x, 2) }));
 * const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) }); // [2, 4]
 * ```
 */
export async function createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  checkGraph("createSession", graph);
  checkOptions("createSession", options, SESSION_OPTIONS, refuse);
  if (options.worker) return (await import("./worker/worker-session.js")).createWorkerSession(graph, options);
  return (await import("./direct-session.js")).createDirectSession(graph, options);
}
