import { describe } from "lrfind/core";
import type { Tensor } from "../onnx/index.js";
import { isDType } from "../onnx/index.js";
import { holds } from "../onnx/internal.js";
import { RuntimeError } from "./errors.js";

/** Throws unless a tensor is one: what is no typed array of its element type would fail in ONNX Runtime. */
export function checkTensor(what: string, name: string, tensor: unknown): asserts tensor is Tensor {
  const { dtype, shape, data } = Object(tensor) as Partial<Tensor>;
  if (typeof dtype === "string" && isDType(dtype) && Array.isArray(shape) && holds(dtype, data)) return;
  throw new RuntimeError({
    where: "run",
    expected: `${what} "${name}" to be a tensor`,
    got: describe(tensor),
    hint: 'tensor("float32", shape, values)',
  });
}
