import { LrfindError, type Problem } from "lrfind/core";

/** Where in a graph an error stands. */
export interface OnnxErrorDetails {
  /** ONNX operator type, such as "Conv". */
  readonly op?: string;
  /** Name of the node. */
  readonly node?: string;
  /** Shapes of the node's inputs; null where an optional input is absent. */
  readonly shapes?: readonly (readonly number[] | null)[];
}

/**
 * A graph that cannot be built, read, written or differentiated. The message names the operator, the node and
 * the shapes; the fields carry the same for programs.
 */
export class OnnxError extends LrfindError {
  override readonly name = "OnnxError";
  readonly op: string | undefined;
  readonly node: string | undefined;
  readonly shapes: readonly (readonly number[] | null)[] | undefined;

  constructor(problem: Problem, details: OnnxErrorDetails & ErrorOptions = {}) {
    super(problem, "cause" in details ? { cause: details.cause } : undefined);
    this.op = details.op;
    this.node = details.node;
    this.shapes = details.shapes;
  }
}
