import { type Fail, LrfindError, sentence } from "lrfind/core";

/** ONNX Runtime is missing, refuses a graph, or fails to run it; or a tensor does not fit the graph. */
export class RuntimeError extends LrfindError {
  override readonly name = "RuntimeError";
}

/** Throws a `RuntimeError` for an option that cannot be used. */
export const refuse: Fail = (problem) => {
  throw new RuntimeError(sentence(problem));
};

/** The error of a graph that ONNX Runtime does not take. */
export function refusal(graph: { readonly name: string }, cause: unknown): RuntimeError {
  return new RuntimeError(
    `createSession: ONNX Runtime refuses the graph "${graph.name}": ${messageOf(cause)}`,
    { cause },
  );
}

/** The error of a run that ONNX Runtime does not finish. */
export function failure(cause: unknown): RuntimeError {
  return new RuntimeError(`run: ONNX Runtime failed: ${messageOf(cause)}`, { cause });
}

/** The error of a session that is used after its disposal. */
export function disposed(): RuntimeError {
  return new RuntimeError("run: expected an open session, but it has been disposed");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
