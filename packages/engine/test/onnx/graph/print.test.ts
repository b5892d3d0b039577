import { describe, expect, test } from "vitest";
import { differentiate, GraphBuilder, printGraph, tensor } from "../../../src/onnx/index.js";

describe("printGraph", () => {
  test("lists inputs, constants, nodes and outputs with their types", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const table = g.constant(tensor("float32", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]), "table");
    const y = g.op("Gemm", [g.mul(x, 2), table, null], { transB: 1 });
    expect(printGraph(g.build({ y }))).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[2, 3]
        const  table: float32[3, 3]
        Mul:0: float32[2, 3] = Mul(x, 2)
        y: float32[2, 3] = Gemm(Mul:0, table, _, transB=1)
        output y: float32[2, 3]"
    `);
  });

  test("shows the gradient of a linear layer with a ReLU as one Gemm per factor", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const w = g.input("w", "float32", [3, 4]);
    const b = g.input("b", "float32", [4]);
    const loss = g.reduceSum(g.op("Relu", [g.op("Gemm", [x, w, b])]));
    const gradients = differentiate(g, loss, [w, b]);
    expect(
      printGraph(g.build({ loss, dw: gradients.get(w)!, db: gradients.get(b)! })),
    ).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[2, 3]
        input  w: float32[3, 4]
        input  b: float32[4]
        Gemm:0: float32[2, 4] = Gemm(x, w, b)
        Relu:0: float32[2, 4] = Relu(Gemm:0)
        loss: float32[] = ReduceSum(Relu:0, keepdims=0)
        grad.ReduceSum.Reshape:0: float32[1, 1] = Reshape(1, [1, 1])
        grad.ReduceSum.Expand:0: float32[2, 4] = Expand(grad.ReduceSum.Reshape:0, [2, 4])
        grad.Relu.HardSigmoid:0: float32[2, 4] = HardSigmoid(Relu:0, alpha=1e+30, beta=0)
        grad.Relu.Mul:0: float32[2, 4] = Mul(grad.ReduceSum.Expand:0, grad.Relu.HardSigmoid:0)
        dw: float32[3, 4] = Gemm(x, grad.Relu.Mul:0, transA=1)
        grad.Gemm.Expand:0: float32[1, 2] = Expand(1, [1, 2])
        grad.Gemm.MatMul:0: float32[1, 4] = MatMul(grad.Gemm.Expand:0, grad.Relu.Mul:0)
        db: float32[4] = Reshape(grad.Gemm.MatMul:0, [4])
        output loss: float32[]
        output dw: float32[3, 4]
        output db: float32[4]"
    `);
  });

  test("shows the weights' gradient of a batched linear layer as one product", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [8, 5, 3]);
    const w = g.input("w", "float32", [3, 4]);
    const dw = differentiate(g, g.reduceSum(g.tanh(g.matmul(x, w))), [w]).get(w)!;
    expect(printGraph(g.build({ dw }))).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[8, 5, 3]
        input  w: float32[3, 4]
        MatMul:0: float32[8, 5, 4] = MatMul(x, w)
        Tanh:0: float32[8, 5, 4] = Tanh(MatMul:0)
        grad.ReduceSum.Reshape:0: float32[1, 1, 1] = Reshape(1, [1, 1, 1])
        grad.ReduceSum.Expand:0: float32[8, 5, 4] = Expand(grad.ReduceSum.Reshape:0, [8, 5, 4])
        grad.Tanh.Mul:0: float32[8, 5, 4] = Mul(Tanh:0, Tanh:0)
        grad.Tanh.Sub:0: float32[8, 5, 4] = Sub(1, grad.Tanh.Mul:0)
        grad.Tanh.Mul_1:0: float32[8, 5, 4] = Mul(grad.ReduceSum.Expand:0, grad.Tanh.Sub:0)
        grad.MatMul.Reshape:0: float32[40, 4] = Reshape(grad.Tanh.Mul_1:0, [40, 4])
        grad.MatMul.Reshape_1:0: float32[40, 3] = Reshape(x, [40, 3])
        dw: float32[3, 4] = Gemm(grad.MatMul.Reshape_1:0, grad.MatMul.Reshape:0, transA=1)
        output dw: float32[3, 4]"
    `);
  });
});
