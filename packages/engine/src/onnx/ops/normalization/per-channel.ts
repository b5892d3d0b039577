import type { Value } from "../../graph/graph.js";
import type { NodeWriter } from "../../graph/node-writer.js";

/** A `[C]` value as it broadcasts over `[N, C, …]`. */
export function perChannel(g: NodeWriter, value: Value, x: Value): Value {
  return g.reshape(
    value,
    x.shape.map((size, i) => (i === 1 ? size : 1)),
  );
}
