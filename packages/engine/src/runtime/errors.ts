import { type Fail, LrfindError } from "lrfind/core";

/** ONNX Runtime is missing, refuses a graph, or fails to run it; or a tensor does not fit the graph. */
export class RuntimeError extends LrfindError {
  override readonly name = "RuntimeError";
}

/** Throws a `RuntimeError` for an option that cannot be used. */
export const refuse: Fail = (problem) => {
  throw new RuntimeError(problem);
};

/** The error of a graph that ONNX Runtime does not take. */
export function refusal(graph: { readonly name: string }, cause: unknown): RuntimeError {
  return refusedBy("createSession", `the graph "${graph.name}"`, cause);
}

/** The error of something that ONNX Runtime does not take, as it says itself. */
export function refusedBy(where: string, what: string, cause: unknown): RuntimeError {
  const expected = `${what} to be one that ONNX Runtime takes`;
  return new RuntimeError({ where, expected, got: `its refusal: ${messageOf(cause)}` }, { cause });
}

/** The error of a run that ONNX Runtime does not finish. */
export function failure(cause: unknown): RuntimeError {
  const expected = "ONNX Runtime to run the graph";
  return new RuntimeError({ where: "run", expected, got: `its error: ${messageOf(cause)}` }, { cause });
}

/** The error of a session that is used after its disposal. */
export function disposed(): RuntimeError {
  return new RuntimeError({ where: "run", expected: "an open session", got: "one that has been disposed" });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
