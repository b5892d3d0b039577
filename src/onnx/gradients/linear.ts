import type { GradientRule } from "./rule.js";
import { numberAttribute } from "./rule.js";

/** Gradients of matrix products. */
export const linearGradients = {
  Gemm: ({ g, node, dy, needs, input }) => {
    const a = input(0);
    const b = input(1);
    const transA = numberAttribute(node, "transA", 0);
    const transB = numberAttribute(node, "transB", 0);
    const alpha = numberAttribute(node, "alpha", 1);
    const beta = numberAttribute(node, "beta", 1);
    const gemm = (x: typeof a, y: typeof a, tx: number, ty: number) =>
      g.op("Gemm", [x, y], { alpha, transA: tx, transB: ty });
    return [
      needs(0) ? (transA ? gemm(b, dy, transB, 1) : gemm(dy, b, 0, 1 - transB)) : null,
      needs(1) ? (transB ? gemm(dy, a, 1, transA) : gemm(a, dy, 1 - transA, 0)) : null,
      needs(2) ? (beta === 1 ? dy : g.mul(dy, beta)) : null,
    ];
  },
} satisfies Record<string, GradientRule>;
