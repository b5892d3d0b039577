import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import type { DType } from "../../graph/tensor.js";
import { sizeOf, tensor } from "../../graph/tensor.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import { einsumEquation } from "./shape.js";

/** Gradient of Einstein summation. */
export const einsumGradients = {
  Einsum: (context) =>
    context.node.inputs.map((_, i) => (context.needs(i) ? inputGradient(context, i) : null)),
} satisfies Record<string, GradientRule>;

/**
 * The equation with the output's gradient in the place of input `index`, which becomes the output. Labels that
 * only this input has were summed over: its gradient is the same all along them. A label that it has twice took
 * its diagonal: its gradient is zero beside it.
 */
function inputGradient({ g, node, dy, input }: GradientContext, index: number): Value {
  const { terms, output } = einsumEquation({ ...node, outputCount: 1 });
  const x = input(index);
  const labels = terms[index]!;
  const others = terms.flatMap((_, i) => (i === index ? [] : [i]));
  const elsewhere = new Set([...output, ...others.flatMap((i) => terms[i]!)]);
  const kept = [...new Set(labels)].filter((label) => elsewhere.has(label));
  const factors = [output, ...others.map((i) => terms[i]!)].map((term) => term.join(""));
  const product = g.op("Einsum", [dy, ...others.map((i) => input(i))], {
    equation: `${factors.join(",")}->${kept.join("")}`,
  });
  // Each label's size stands at its first place in the input.
  const places = labels.map((label, i) =>
    kept.includes(label) && labels.indexOf(label) === i ? label : undefined,
  );
  const size = (label: string) => product.shape[kept.indexOf(label)]!;
  const ordered = g.reshape(
    product,
    places.map((label) => (label === undefined ? 1 : size(label))),
  );
  let gradient = ordered;
  labels.forEach((label, i) => {
    const first = labels.indexOf(label);
    if (first !== i) gradient = g.mul(gradient, diagonal(g, dy.dtype, x.shape, [first, i]));
  });
  // A size of 1 that was broadcast stays as it is: the caller sums over it.
  const shape = gradient.shape.map((dim, i) => Math.max(dim, x.shape[i]!));
  return g.expand(gradient, shape);
}

/** Ones where two dimensions have the same index, of size 1 in all other dimensions. */
function diagonal(g: GraphBuilder, dtype: DType, shape: readonly number[], pair: [number, number]): Value {
  const n = shape[pair[0]]!;
  const dims = shape.map((dim, i) => (pair.includes(i) ? dim : 1));
  const ones = Array.from({ length: sizeOf(dims) }, (_, k) => (Math.floor(k / n) === k % n ? 1 : 0));
  return g.constant(tensor(dtype, dims, ones));
}
